"""Ways to reach a customer. Each takes a customer and a text, and says whether it went out."""

SMS_LENGTH = 160
_outbox = []


def outbox():
    return list(_outbox)


def clear():
    _outbox.clear()


def email(customer, text):
    if "@" not in customer.email:
        return False
    _outbox.append(("email", customer.email, text))
    return True


def sms(customer, text):
    digits = "".join(character for character in customer.phone if character.isdigit())
    if len(digits) < 8:
        return False
    parts = [text[start : start + SMS_LENGTH] for start in range(0, len(text), SMS_LENGTH)]
    _outbox.extend(("sms", digits, part) for part in parts)
    return True


def letter(customer, text):
    _outbox.append(("letter", customer.name, text))
    return True


CHANNELS = {"email": email, "sms": sms, "letter": letter}

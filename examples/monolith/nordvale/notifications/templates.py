"""Texts by language and occasion."""

from string import Template

from nordvale.common import money

TEXTS = {
    "en": {
        "order_confirmed": "Your order $order is booked. Promised day: $promised.",
        "order_delivered": "Your order $order was delivered on $day.",
        "order_delayed": "Your order $order is late. We are sorry; the new day is $promised.",
        "order_refused": "Your order $order was refused: $note. It comes back to you.",
        "claim_opened": "We have opened a claim for $order ($kind).",
        "return_accepted": "Your return $return_id is accepted. We pay back $amount.",
        "reminder": "Invoice $invoice over $amount has been due for $days days.",
        "second_reminder": "Second reminder: invoice $invoice over $amount, $days days late.",
        "final_notice": "Final notice for invoice $invoice over $amount. Your account may be blocked.",
        "credit_low": "You have used $exposure of your credit.",
    },
    "nl": {
        "order_confirmed": "Uw opdracht $order is geboekt. Beloofde dag: $promised.",
        "order_delivered": "Uw opdracht $order is bezorgd op $day.",
        "reminder": "Factuur $invoice van $amount is $days dagen te laat.",
    },
}
MONEY = {"amount", "exposure"}


def render(name, language="en", **values):
    """A text with its values; a language that lacks it falls back on English."""
    text = TEXTS.get(language, {}).get(name) or TEXTS["en"][name]
    shown = {key: money.written(value) if key in MONEY else value for key, value in values.items()}
    return Template(text).substitute(shown)


def missing(language):
    return sorted(set(TEXTS["en"]) - set(TEXTS.get(language, {})))

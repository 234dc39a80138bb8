"""Errors that a request can end with; the API turns each into a status code."""


class DomainError(Exception):
    status = 400


class NotFound(DomainError):
    status = 404

    def __init__(self, kind, key):
        super().__init__(f"no {kind} {key!r}")
        self.kind = kind
        self.key = key


class ValidationFailed(DomainError):
    status = 422

    def __init__(self, problems):
        super().__init__("; ".join(problems))
        self.problems = list(problems)


class IllegalTransition(DomainError):
    status = 409

    def __init__(self, order_id, current, wanted):
        super().__init__(f"order {order_id} is {current} and cannot become {wanted}")


class CreditExceeded(DomainError):
    status = 402

    def __init__(self, customer_id, exposure, limit):
        super().__init__(f"customer {customer_id} owes {exposure} of a limit of {limit}")
        self.exposure = exposure
        self.limit = limit


class PaymentRefused(DomainError):
    status = 402


class Forbidden(DomainError):
    status = 403

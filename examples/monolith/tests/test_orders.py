import pytest

from nordvale.accounts import credit
from nordvale.accounts import service as accounts
from nordvale.billing import dunning, invoices, ledger, payments
from nordvale.common import clock
from nordvale.common.errors import CreditExceeded, IllegalTransition, ValidationFailed
from nordvale.db import store
from nordvale.notifications import dispatcher
from nordvale.orders import returns, service
from nordvale.orders.models import Parcel, Request
from nordvale.shipping import tracking


def request_of(customer, **changes):
    values = {"service": "STD", "origin": "1012", "destination": "3011", "parcels": [Parcel(2.0)], **changes}
    return Request(customer.id, **values)


def numbers_of(order_id):
    return [row["tracking"] for row in store.select("shipments", order_id=order_id)]


def deliver(order_id):
    for number in numbers_of(order_id):
        tracking.scan(number, "accepted", "HBR")
        tracking.scan(number, "delivered", "RIV")


def test_a_private_customer_pays_when_placing(private_customer):
    order_id = service.place(request_of(private_customer, pay_with="card"))
    assert service.overview(order_id)["paid"]
    assert ledger.balance(private_customer.id) == 0
    assert dispatcher.told(private_customer.id, "order_confirmed")


def test_scans_take_an_order_to_delivered(contract_customer):
    order_id = service.place(request_of(contract_customer))
    deliver(order_id)
    assert service.find(order_id)["status"] == "delivered"
    with pytest.raises(ValidationFailed):
        tracking.scan(numbers_of(order_id)[0], "sorted", "RIV")


def test_promise_moves_after_the_cutoff_and_over_sunday(contract_customer):
    request = request_of(contract_customer)
    assert service.promised_day(request).isoformat() == "2025-06-04"
    clock.freeze("2025-06-05T17:00:00")
    assert service.promised_day(request).isoformat() == "2025-06-09"


def test_validation_names_every_problem(private_customer):
    request = request_of(private_customer, destination="30", parcels=[Parcel(40, contents="firearm")])
    with pytest.raises(ValidationFailed) as refused:
        service.place(request)
    assert len(refused.value.problems) == 4


def test_credit_counts_what_is_not_invoiced_yet(contract_customer):
    service.place(request_of(contract_customer))
    accounts.set_limit(contract_customer.id, service.uninvoiced_value(contract_customer.id) + 10)
    with pytest.raises(CreditExceeded):
        service.place(request_of(contract_customer))


def test_monthly_invoice_and_payment_settle(contract_customer):
    deliver(service.place(request_of(contract_customer)))
    deliver(service.place(request_of(contract_customer, service="EXP")))
    invoice_id = invoices.monthly(contract_customer.id)
    assert invoices.monthly(contract_customer.id) is None
    assert "VAT" in invoices.rendered(invoice_id)
    payments.take(contract_customer.id, ledger.balance(contract_customer.id), "transfer")
    assert payments.match(contract_customer.id) == 1
    assert store.fetch("invoices", "id", invoice_id)["status"] == "paid"
    assert sum(ledger.trial_balance().values()) == 0


def test_reminders_go_out_in_stages_and_block(contract_customer):
    deliver(service.place(request_of(contract_customer)))
    invoices.monthly(contract_customer.id)
    accounts.set_limit(contract_customer.id, 100)
    clock.freeze("2025-06-24T09:00:00")
    assert dunning.run() == {"reminder": 1, "second_reminder": 0, "final_notice": 0}
    clock.freeze("2025-07-30T09:00:00")
    assert dunning.run()["final_notice"] == 1
    assert accounts.find(contract_customer.id).blocked


def test_a_refused_parcel_comes_back(contract_customer):
    order_id = service.place(request_of(contract_customer))
    tracking.scan(numbers_of(order_id)[0], "accepted")
    tracking.scan(numbers_of(order_id)[0], "refused", note="moved away")
    assert service.find(order_id)["status"] == "returned"
    assert returns.rate(clock.today()) == 0.0


def test_states_cannot_be_skipped(contract_customer):
    order_id = service.place(request_of(contract_customer))
    with pytest.raises(IllegalTransition):
        service.delivered(order_id)
    service.cancel(order_id)
    assert credit.exposure(contract_customer.id) == 0


def test_a_bad_line_does_not_stop_an_import(contract_customer):
    text = "origin;destination;kg;service\n1012;3011;2,5;STD\n1012;3011;heavy;STD\n1012;3011;2;XXX\n"
    placed, failed = service.import_csv(contract_customer.id, text)
    assert (len(placed), [number for number, _ in failed]) == (1, [3, 4])


def test_amending_charges_the_difference(contract_customer):
    order_id = service.place(request_of(contract_customer))
    assert service.amend(order_id, service="EXP") > 0

from nordvale.catalog import pricing, services, zones
from nordvale.common import ids, money

BOOK = {"kg": 1.0, "length": 30, "width": 20, "height": 10, "contents": "", "declared": 0}


def test_volume_counts_when_it_is_heavier_than_the_scale():
    assert pricing.chargeable_kg(BOOK) == 1.5


def test_islands_pay_the_ferry_and_every_parcel_pays_fuel():
    quote = pricing.quote([BOOK], "1012", "9301", "STD")
    assert quote.base == 995 + int(55 * 1.5)
    assert quote.extras == {"fuel": money.share(quote.base, 0.085), "ferry": 450}


def test_contract_discount_is_on_the_base_alone():
    few, many = (pricing.quote([BOOK], "1012", "3011", "STD", monthly_parcels=n) for n in (0, 1000))
    assert (few.discount, many.discount) == (0, money.share(many.base, 0.18))


def test_zones_by_distance():
    assert [zones.zone("1012", code) for code in ("2500", "3011", "7011", "9301")] == [0, 1, 2, 3]
    assert zones.zone("1012", "80331", "DE") == 5


def test_cheapest_level_that_keeps_a_promise():
    assert services.cheapest_within(2, 5).code == "STD"
    assert services.cheapest_within(0, 5) is None


def test_tracking_numbers_carry_a_check_digit():
    number = ids.tracking_number(10_000_001)
    assert ids.is_tracking_number(number)
    assert not ids.is_tracking_number(number.replace("1", "2", 1))


def test_splitting_money_loses_no_cent():
    assert money.split(100, [1, 1, 1]) == [34, 33, 33]

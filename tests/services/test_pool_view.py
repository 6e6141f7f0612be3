from core.services.pool_view import PoolQuery


def test_a_choice_says_what_it_is_narrowed_to():
    narrowed = PoolQuery(search="mill", tiers=("VIP", "Gold"), segments=("SMB",), least=60, sort="Account").narrowed
    assert narrowed == 'VIP or Gold · SMB · readiness 60 to 100 · with "mill"'


def test_everybody_is_narrowed_to_nothing_whatever_the_order():
    assert PoolQuery(sort="Account", turned=True).narrowed == ""

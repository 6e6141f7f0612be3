"""What a person meets who brings an ordinary export: one wrong cell in a column, words in capitals, missing columns."""

import datetime as dt
import io

import pytest

from core.services.access import LOCAL_USER
from core.services.import_check import check
from core.services.import_draft import open_draft, with_choices, with_origin, with_remedies, with_skip, with_words
from core.services.import_files import UploadFolder
from core.services.import_remedies import all_label
from core.services.import_screen import import_view
from tests.homes import NOW

HEADER = "subscription_id,account_id,product,quantity,mrr_cents,currency,start_date,end_date,is_trial\n"
DAYS = [dt.date(2024, 1, 2) + dt.timedelta(days=29 * number) for number in range(19)]


def accounts(count=20):
    return "account_id,name,start_date\n" + "".join(f"a{n},Name {n},2024-01-01\n" for n in range(count))


def subscriptions(days, amounts=None, currency="EUR"):
    amounts = amounts or ["100"] * len(days)
    rows = zip(days, amounts, strict=True)
    return HEADER.replace("mrr_cents", "MRR") + "".join(
        f's{n},a{n},Pro,1,"{amount}",{currency},{day},,false\n' for n, (day, amount) in enumerate(rows)
    )


def european(*others):
    return [*(f"{day:%d/%m/%Y}" for day in DAYS), *others]


@pytest.fixture
def seen(in_empty):
    """Uploads files; gives the draft with its view, and the view of a changed draft."""
    folder = UploadFolder()

    def look(draft=None, **files):
        for name, text in files.items():
            assert folder.add(f"{name}.csv", io.BytesIO(text.encode())) == ()
        draft = draft or open_draft(LOCAL_USER, folder.path)
        checked = check(LOCAL_USER, draft, NOW)
        return draft, import_view(draft, checked), checked

    yield look
    folder.close()


def mend(draft, view):
    return with_remedies(draft, {(item.problem.place, item.problem.column): item.remedy for item in view.mendings})


def test_one_wrong_date_does_not_hide_the_style_of_the_others(seen):
    draft, view, _ = seen(accounts=accounts(), subscriptions=subscriptions(european("31/02/2024")))
    (item,) = view.mendings
    assert item.label == "Read start_date as DD/MM/YYYY"
    assert "19 of 20 cells are written as DD/MM/YYYY: read the column so" in item.problem.message
    assert len(view.problems) == 1
    draft, view, checked = seen(mend(draft, view))
    assert view.problems[["Line", "Found"]].to_numpy().tolist() == [[21, "31/02/2024"]]
    assert not view.mendings
    _, view, checked = seen(with_skip(draft, checked.skip))
    assert view.ready
    assert {item.table: item.new for item in checked.report.tables} == {"accounts": 20, "subscriptions": 19}


def test_a_column_of_two_orders_of_day_and_month_is_not_read_as_one_of_them(seen):
    _, view, _ = seen(accounts=accounts(), subscriptions=subscriptions(european("12/31/2024")))
    assert not view.mendings
    assert "write the whole column in one style" in " ".join(view.problems["What is wrong and what to do"])


def test_days_that_could_be_either_are_asked_though_one_cell_is_wrong(seen):
    days = [f"0{1 + number % 9}/0{1 + number % 7}/2024" for number in range(19)]
    _, view, _ = seen(accounts=accounts(), subscriptions=subscriptions([*days, "soon"]))
    (question,) = view.questions
    assert [remedy.value for _, remedy in question.options] == ["DD/MM/YYYY", "MM/DD/YYYY"]


def test_one_amount_in_another_style_is_named_once_the_column_is_read(seen):
    amounts = [*["1.234,50"] * 19, "1,234.50"]
    text = subscriptions([f"{day:%Y-%m-%d}" for day in (*DAYS, DAYS[0])], amounts)
    draft, view, _ = seen(accounts=accounts(), subscriptions=text)
    assert [item.label for item in view.mendings] == ["Read MRR as 1.234,56"]
    _, view, _ = seen(mend(draft, view))
    assert view.problems[["Line", "Found"]].to_numpy().tolist() == [[21, "1,234.50"]]


def test_a_column_that_two_tables_read_is_mended_by_one_click(seen):
    contacts = "Id,AccountId,Name,Email,CreatedDate,HasOptedOutOfEmail,SystemModstamp\n" + "".join(
        f"c{n},a{n},P {n},p{n}@example.com,{13 + n}/01/2024,true,{13 + n}/01/2024\n" for n in range(3)
    )
    account = "Id,Name,CreatedDate,SystemModstamp\n" + "".join(f"a{n},N {n},2024-01-01,\n" for n in range(3))
    draft, view, _ = seen(Account=account, Contact=contacts)
    assert [item.problem.column for item in view.mendings] == ["CreatedDate"]
    assert seen(mend(draft, view))[1].ready


def test_a_column_about_which_something_is_asked_is_not_said_to_be_written_as_dates_usually_are(seen):
    draft, view, _ = seen(accounts=accounts().replace("2024-01-01", "25/01/2024"))
    assert [item.dates for item in view.files] == [""]
    _, view, _ = seen(mend(draft, view))
    assert [item.dates for item in view.files] == ["DD/MM/YYYY"]


def test_one_button_says_what_it_does_to_all_columns(seen):
    text = accounts().replace("2024-01-01", "25/01/2024")
    _, view, _ = seen(accounts=text, subscriptions=subscriptions(european("13/02/2024")))
    assert all_label(view.mendings) == "Read all 2 columns as DD/MM/YYYY"


def deals(*cells):
    header = "opportunity_id,account_id,name,kind,source,amount_cents,currency,created_on,outcome\n"
    return header + "".join(
        f"o{n},a{n},Deal {n},{kind},web,100,{currency},2024-01-01,{outcome}\n"
        for n, (kind, outcome, currency) in enumerate(cells)
    )


def test_words_in_another_case_are_read_and_told_and_not_asked(seen):
    text = deals(("New", "WON", "eur"), ("new", "won", "EUR"), ("NEW", "Lost", "EUR"))
    _, view, checked = seen(accounts=accounts(), opportunities=text)
    assert view.ready
    told = {item.column: item.message for item in checked.report.warnings if item.rule == "case"}
    assert told == {
        "kind": '2 cells such as "New" were read as "new": upper and lower case make no difference.',
        "outcome": '2 cells such as "WON" were read as "won": upper and lower case make no difference.',
        "currency": 'the cell "eur" was read as "EUR": upper and lower case make no difference.',
    }


def test_a_word_is_translated_once_for_all_its_spellings(seen):
    text = deals(("Upsale", "won", "EUR"), ("UPSALE", "won", "EUR"), ("new", "won", "EUR"))
    draft, view, _ = seen(accounts=accounts(), opportunities=text)
    (item,) = view.recodings
    assert item.words == ("Upsale",)
    assert seen(with_words(draft, item.rule, item.column, {"Upsale": "expansion"}))[1].ready


def test_needed_columns_a_billing_file_often_lacks_are_proposed(seen):
    text = "Subscription ID,Account ID,Product,Start Date,Monthly Amount,Currency\ns1,a1,Pro,2024-01-25,100.00,EUR\n"
    draft, view, _ = seen(accounts=accounts(), subscriptions=text)
    (rule,) = view.lacking
    proposed = {column.column: column.usual for column in rule.columns if column.lacking}
    assert proposed == {"quantity": "= 1", "is_trial": "= false"}
    assert seen(with_choices(draft, rule, proposed, {}))[1].ready


def test_the_last_look_shows_what_will_be_stored(seen):
    draft, view, _ = seen(accounts=accounts(), subscriptions=subscriptions(european("31/08/2024"), ["1.234,50"] * 20))
    assert "Will be stored as" not in view.meant
    _, view, _ = seen(mend(draft, view))
    meant = view.meant.set_index("What")[["In the file", "Will be stored as"]]
    assert meant.loc["Subscriptions: start date"].tolist() == ["02/01/2024", "2 Jan 2024".replace(" ", "\u00a0")]
    assert meant.loc["Subscriptions: MRR"].tolist() == ["1.234,50", "1,234.50"]
    assert meant.loc["Subscriptions: end date"].tolist() == ["", ""]


def test_a_preset_somebody_chose_leaves_the_files_it_does_not_know_as_they_were_recognised(seen):
    named = accounts().replace("account_id,name,start_date", "Account ID,Account Name,Created Date")
    draft, _, _ = seen(accounts=named, subscriptions=subscriptions([f"{day}" for day in DAYS]))
    chosen = with_origin(draft, "preset:salesforce")
    assert {match.file: match.table for match in chosen.matches}["subscriptions.csv"] == "subscriptions"
    assert "subscriptions" in chosen.mapping.tables
    assert chosen.source == "salesforce"


def test_a_sign_of_another_currency_than_the_assumed_one_is_settled_by_one_click(seen):
    deals = "Id,AccountId,Name,StageName,IsClosed,IsWon,Type,Amount,CloseDate,CreatedDate\n"
    deals += 'O1,a1,Seats,Closed Won,1,1,New,"1.234,56 €",2026-09-30,2026-08-18\n'
    draft, view, _ = seen(account="Id,Name,CreatedDate\na1,Aster,2024-01-01\n", opportunity=deals)
    draft = mend(draft, view)
    _, view, _ = seen(draft)
    assert [item.label for item in view.mendings] == ["Read Amount in EUR"]
    draft = mend(draft, view)
    assert draft.mapping.tables["opportunities"].columns["currency"].constant == "EUR"
    assert seen(draft)[1].ready

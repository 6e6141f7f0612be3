"""The import view of the Data screen: from files to an import and back, as a person clicks through it."""

import datetime as dt

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.services.access import LOCAL_USER
from core.services.import_undo import undo_import
from core.services.importing import import_runs
from core.settings import ROOT
from pages._app import data_import
from pages._app.data_views import DRAFT
from pages._app.screens import PAGES
from tests.homes import NOW
from tests.screens import head, title

pytestmark = pytest.mark.sampled(2)

ACCOUNTS = "account_id,name,segment,start_date\na1,Ada,SMB,2024-01-05\na2,Bob,SMB,2024-02-06\n"
SUBSCRIPTIONS = (
    "subscription_id,account_id,product,quantity,mrr_cents,currency,start_date,end_date,is_trial\n"
    "s1,a1,Pro,3,10000,EUR,{first},,false\ns2,a2,Pro,{quantity},10000,EUR,{second},,false\n"
)
EVIL = "**Bold** [a](http://evil.example)"


def plain(**changes):
    """Subscriptions in the form of the contract, with some cells changed."""
    return SUBSCRIPTIONS.format(**{"first": "2024-03-25", "second": "2024-03-26", "quantity": "3"} | changes)


@pytest.fixture
def page(in_empty):
    test = AppTest.from_file(str(ROOT / "pages" / "_app" / "router.py"), default_timeout=60).run()
    return calm(test.switch_page(str(PAGES / "data.py")).run())


def calm(test):
    assert not test.exception, test.exception
    return test


def upload(page, **files):
    uploader = page.get("file_uploader")[0]
    uploader.set_value([(f"{name}.csv", text.encode(), "text/csv") for name, text in files.items()])
    return calm(page.run())


def press(page, key):
    return calm(page.button(key=key).click().run())


def words(page):
    parts = [*page.markdown, *page.caption, *page.info, *page.error, *page.warning]
    return " ".join([head(page), *(part.value for part in parts)]).replace("\\", "")


def review(page):
    """To the last step, which the button reaches over the columns."""
    press(page, "imp_next")
    return press(page, "imp_next")


def test_an_empty_home_says_what_to_do_and_offers_templates(page):
    assert title(page) == "Nothing is loaded yet: import your files"
    page.selectbox(key="imp_template").set_value("tickets").run()
    assert page.get("download_button")
    assert "severity, needed" in [cell.replace("\\", "") for cell in page.table[0].value["Column"]]


def test_files_are_imported_only_when_it_was_confirmed_and_taken_back(page):
    upload(page, accounts=ACCOUNTS, subscriptions=plain())
    assert title(page) == "Ready to import: 4 new rows, 0 changed"
    assert page.dataframe[0].value["Holds"].tolist() == ["Accounts", "Subscriptions"]
    review(page)
    assert page.dataframe[0].value["New"].tolist() == [2, 2]
    assert import_runs() == ()
    press(page, "imp_import")
    assert title(page) == "Imported: 4 new, 0 changed rows"
    assert len(import_runs()) == 1
    assert page.button(key="imp_overview").label == "See the Overview"
    press(page, "imp_undo")
    assert title(page) == "Taken back: everything is as it was before"
    assert import_runs()[0].undone_at is not None
    press(page, "imp_more")
    assert title(page) == "Nothing is loaded yet: import your files"


def test_the_report_of_the_first_import_stands_there_however_its_run_ends(page, monkeypatch):
    upload(page, accounts=ACCOUNTS, subscriptions=plain())
    review(page)

    def overtaken(label, work):
        work(lambda step: None)
        st.rerun()

    monkeypatch.setattr(data_import, "_with_progress", overtaken)
    press(page, "imp_import")
    assert title(page) == "Imported: 4 new, 0 changed rows"


def test_a_second_click_imports_nothing_more(page):
    upload(page, accounts=ACCOUNTS)
    review(page)
    press(page, "imp_import")
    page.session_state["imp_go"] = True
    calm(page.run())
    assert title(page) == "Imported: 2 new, 0 changed rows"
    press(page, "imp_more")
    assert title(page) == "Choose files to import"
    assert len(import_runs()) == 1


def test_an_import_that_is_not_the_newest_is_not_taken_back(page):
    upload(page, accounts=ACCOUNTS)
    review(page)
    press(page, "imp_import")
    undo_import(LOCAL_USER, NOW)
    press(page, "imp_undo")
    assert "there is no import to take back" in words(page)
    assert title(page) == "Imported: 2 new, 0 changed rows"


def test_the_files_leave_the_disk_with_the_import(page):
    upload(page, accounts=ACCOUNTS)
    folder = page.session_state["imp_folder"].path
    assert [path.name for path in folder.iterdir()] == ["accounts.csv"]
    review(page)
    press(page, "imp_import")
    assert not folder.exists()


def test_files_that_went_with_a_lost_connection_are_asked_for_again(page):
    upload(page, accounts=ACCOUNTS)
    page.session_state["imp_folder"].close()
    calm(page.run())
    assert title(page) == "Nothing is loaded yet: import your files"
    assert "choose the files again" in words(page)
    upload(page, accounts=ACCOUNTS)
    assert title(page) == "Ready to import: 2 new rows, 0 changed"


def test_a_question_is_answered_and_a_column_is_mended_by_one_click_each(page):
    upload(page, accounts=ACCOUNTS.replace("2024-01-05", "25/01/2024").replace("2024-02-06", "26/02/2024"),
           subscriptions=plain(first="05/03/2024", second="06/04/2024"))  # fmt: skip
    assert title(page) == "2 problems to solve before these files can be imported, 1 of them by answering a question"
    assert 'found "25/01/2024"' in words(page)
    press(page, "imp_mend_0")
    page.radio[0].set_value(0)
    press(page, "imp_answer")
    assert title(page) == "Ready to import: 4 new rows, 0 changed"


def test_a_missing_column_is_chosen_on_the_spot(page):
    upload(page, accounts=ACCOUNTS.replace("start_date", "Since when"))
    page.selectbox(key="imp_lack_accounts.csv_accounts_start_date").set_value("Since when")
    press(page, "imp_lack_accounts.csv_accounts_use")
    assert title(page) == "Ready to import: 2 new rows, 0 changed"


def test_exactly_the_listed_rows_are_left_out(page):
    upload(page, accounts=ACCOUNTS, subscriptions=plain(quantity="x"))
    review(page)
    assert page.button(key="imp_import").disabled
    assert "expected a number" in page.table[0].value.to_string().replace("\\", "")
    calm(page.checkbox(key="imp_skip").check().run())
    assert title(page) == "Ready to import: 3 new rows, 0 changed"
    assert page.checkbox(key="imp_skip_on").label == "Import without the 1 row of 4 that has a problem"
    calm(page.checkbox(key="imp_skip_on").uncheck().run())
    assert title(page) == "1 problem to solve before these files can be imported"


def test_what_was_chosen_is_kept_over_steps_and_more_files(page):
    upload(page, accounts=ACCOUNTS)
    calm(page.text_input(key="imp_source_files").set_value("crm").run())
    review(page)
    calm(page.segmented_control(key="imp_mode").set_value("replace_table").run())
    calm(page.segmented_control(key="imp_step").set_value("1 Files").run())
    upload(page, subscriptions=plain())
    assert page.text_input(key="imp_source_crm").value == "crm"
    review(page)
    assert page.segmented_control(key="imp_mode").value == "replace_table"
    assert page.dataframe[0].value["Table"].tolist() == ["Accounts", "Subscriptions"]


def test_the_mapping_is_edited_remembered_and_taken_as_text(page):
    upload(page, accounts=ACCOUNTS)
    calm(page.segmented_control(key="imp_step").set_value("2 Columns").run())
    press(page, "imp_remember")
    assert "Remembered for files" in words(page)
    text = page.text_area[0]
    calm(text.set_value("no toml").run())
    press(page, "imp_text_use")
    assert "not readable as TOML" in words(page)
    assert title(page) == "Ready to import: 2 new rows, 0 changed"
    name = next(box for box in page.selectbox if box.key.endswith("_name"))
    name.set_value("segment")
    use = next(button for button in page.button if button.key.endswith("_use") and "accounts" in button.key)
    calm(use.click().run())
    assert page.session_state[DRAFT].mapping.tables["accounts"].columns["name"].column == "segment"


def test_a_file_that_is_put_aside_is_not_imported(page):
    upload(page, accounts=ACCOUNTS, subscriptions=plain())
    calm(page.selectbox(key="imp_aside").set_value("subscriptions.csv").run())
    press(page, "imp_aside_go")
    assert title(page) == "Ready to import: 2 new rows, 0 changed"


def test_the_last_file_put_aside_leaves_the_start(page):
    upload(page, accounts=ACCOUNTS)
    calm(page.selectbox(key="imp_aside").set_value("accounts.csv").run())
    press(page, "imp_aside_go")
    assert title(page) == "Nothing is loaded yet: import your files"


def test_text_of_the_files_is_shown_as_it_is(page):
    upload(page, accounts=ACCOUNTS, subscriptions=plain(quantity=EVIL))
    review(page)
    shown = page.table[0].value.to_string()
    assert EVIL not in shown
    assert EVIL in shown.replace("\\", "").replace("\N{ZERO WIDTH SPACE}", "")


def test_a_bad_upload_is_refused_in_words_and_the_screen_goes_on(page):
    uploader = page.get("file_uploader")[0]
    uploader.set_value([("all.zip", b"PK\x03\x04nothing", "application/zip")])
    calm(page.run())
    assert "damaged" in " ".join([*(code.value for code in page.code), words(page)])
    assert title(page) == "Nothing is loaded yet: import your files"


def primary(page):
    return [item.label for item in page.button if item.proto.type == "primary"]


def test_the_day_is_asked_with_its_consequence_and_the_import_keeps_what_was_said(page):
    upload(page, accounts=ACCOUNTS, subscriptions=plain())
    review(page)
    shown = words(page).replace("\N{NO-BREAK SPACE}", " ")
    assert "These files show the company as of" in shown
    assert "The newest month will be February 2024." in shown or "The newest month will be March 2024." in shown
    calm(page.date_input[0].set_value(dt.date(2024, 5, 31)).run())
    assert "The newest month will be May 2024." in words(page).replace("\N{NO-BREAK SPACE}", " ")
    press(page, "imp_import")
    assert import_runs()[0].as_of == dt.date(2024, 5, 31)


def test_the_day_is_asked_where_changed_rows_need_one_and_none_tells_it(page):
    upload(page, accounts=ACCOUNTS, subscriptions=plain())
    review(page)
    press(page, "imp_import")
    press(page, "imp_more")
    upload(page, accounts=ACCOUNTS.replace("SMB", ""))
    review(page)
    assert "1 problem to solve" in title(page)
    calm(page.date_input[0].set_value(dt.date(2024, 5, 31)).run())
    assert title(page) == "Ready to import: 0 new rows, 2 changed"
    assert "empty cells clear 2 values of segment, loaded before" in words(page)
    press(page, "imp_import")
    assert import_runs()[0].as_of == dt.date(2024, 5, 31)


def test_one_button_leads_on_at_every_step(page):
    upload(page, accounts=ACCOUNTS, subscriptions=plain())
    assert primary(page) == ["Next: columns"]
    press(page, "imp_next")
    assert primary(page) == ["Next: review and import"]
    press(page, "imp_next")
    assert primary(page) == ["Import these files"]
    press(page, "imp_import")
    assert primary(page) == ["See the Overview"]


def test_while_something_is_to_settle_its_button_leads_on_and_the_counts_agree(page):
    upload(page, accounts=ACCOUNTS, subscriptions=plain(first="25/03/2024", second="26/03/2024"))
    assert title(page) == "1 problem to solve before these files can be imported"
    assert primary(page) == ["Read start\\_date as DD/MM/YYYY"]


def test_the_account_start_and_what_is_not_read_are_seen_before_importing(page):
    upload(page, accounts=ACCOUNTS.replace("segment", "colour"), subscriptions=plain())
    page.session_state["imp_step"] = "3 Review and import"
    calm(page.run())
    meant = page.table[0].value.astype(str).to_string().replace("\\", "")
    assert "Accounts: start date" in meant and "2024-01-05" in meant
    assert "1 column not read: colour" in words(page)


def test_once_every_import_is_taken_back_nothing_is_loaded(page):
    press(review(upload(page, accounts=ACCOUNTS, subscriptions=plain())), "imp_import")
    undo_import(LOCAL_USER, NOW)
    test = AppTest.from_file(str(ROOT / "pages" / "_app" / "router.py"), default_timeout=60).run()
    test = calm(test.switch_page(str(PAGES / "data.py")).run())
    assert "Nothing is loaded yet" in title(test)

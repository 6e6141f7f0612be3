"""The import screen without the screen: files into a draft, questions, mendings, the check, the import."""

import datetime as dt
import io
import os
import time
import zipfile

import pytest

from core.errors import CouncilError, NotAllowed, Problem, Remedy
from core.glossary import display_day
from core.ingest.progress import Step
from core.services.access import LOCAL_USER, Actor
from core.services.import_check import check, commit, draft_key, lasting, remember, take_back
from core.services.import_draft import (
    open_draft,
    origins,
    with_choices,
    with_file_as,
    with_origin,
    with_remedies,
    with_settings,
    with_skip,
    with_source,
    with_words,
    without_rule,
)
from core.services.import_files import UploadFolder, safe_name, size_words
from core.services.import_frames import files_frame, optional_frame, problem_list, style_options, styles_frame
from core.services.import_pace import Pace
from core.services.import_screen import import_view
from core.services.mappings import mapping_from, mapping_toml, saved_mapping
from tests.homes import NOW

ACCOUNTS = "account_id,name,segment,start_date\na1,Ada,SMB,2024-01-05\na2,Bob,SMB,2024-02-06\n"
SUBSCRIPTIONS = (
    "subscription_id,account_id,product,quantity,mrr_cents,currency,start_date,end_date,is_trial\n"
    "s1,a1,Pro,3,10000,EUR,{first},,false\ns2,a2,Pro,{quantity},10000,EUR,{second},,false\n"
)


def plain(**changes):
    """Subscriptions in the form of the contract, with some cells changed."""
    return SUBSCRIPTIONS.format(**{"first": "2024-03-25", "second": "2024-03-26", "quantity": "3"} | changes)


@pytest.fixture
def upload(in_empty):
    """Uploads files into a folder of their own and opens a draft."""
    folder = UploadFolder()

    def take(earlier=None, **files):
        for name, text in files.items():
            content = text if isinstance(text, bytes) else text.encode()
            assert folder.add(name.replace("__", "."), io.BytesIO(content)) == ()
        return open_draft(LOCAL_USER, folder.path, earlier)

    yield take
    folder.close()


def seen(draft):
    checked = check(LOCAL_USER, draft, NOW)
    return import_view(draft, checked), checked


# Files


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Users\\x\\deals.CSV", "deals.csv"),
        (".hidden.csv", "hidden.csv"),
        ("~$open.xlsx", "__open.xlsx"),
        ("export.txt", "export.csv"),
        ("a\n<b>.csv", "a__b_.csv"),
        ("x" * 300 + ".csv", "x" * 100 + ".csv"),
    ],
)
def test_a_name_cannot_leave_its_folder(name, kept):
    assert safe_name(name) == kept


def test_an_archive_is_opened_and_what_it_lacks_is_noted(tmp_path):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("export/accounts.csv", ACCOUNTS)
        archive.writestr("export/readme.md", "hello")
    folder = UploadFolder()
    assert folder.add("all.zip", io.BytesIO(content.getvalue())) == ()
    assert [file.name for file in folder.files] == ["accounts.csv"]
    assert [note.place for note in folder.notes] == ["all.zip/readme.md"]
    assert os.stat(folder.path).st_mode & 0o077 == 0
    folder.close()
    assert not folder.path.exists()


def test_a_damaged_archive_and_a_foreign_file_are_refused_in_words():
    folder = UploadFolder()
    assert "damaged" in folder.add("all.zip", io.BytesIO(b"PK\x03\x04nothing"))[0].message
    assert "expected .csv" in folder.add("deck.pdf", io.BytesIO(b"%PDF-"))[0].message
    assert folder.files == ()
    folder.close()


def test_the_folder_goes_with_whoever_holds_it():
    folder = UploadFolder()
    path = folder.path
    del folder
    assert not path.exists()


def test_a_lost_connection_may_come_back_in_time_and_its_files_go_if_it_does_not():
    folder = UploadFolder()
    folder.let_go(0.2)
    folder.keep()
    time.sleep(0.4)
    assert folder.path.exists()
    folder.let_go(0.01)
    time.sleep(0.4)
    assert not folder.path.exists()


def test_folders_of_processes_that_are_gone_are_swept(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone, alive = tmp_path / "council-upload-4194304-x", tmp_path / f"council-upload-{os.getpid()}-x"
    gone.mkdir()
    alive.mkdir()
    UploadFolder().close()
    assert (gone.exists(), alive.exists()) == (False, True)


@pytest.mark.parametrize(("size", "words"), [(640, "640 B"), (12_400, "12 kB"), (3_440_000, "3.4 MB")])
def test_sizes_for_people(size, words):
    assert size_words(size) == words


# Recognition and questions


def test_files_of_the_contract_are_ready_at_once(upload):
    view, checked = seen(upload(accounts__csv=ACCOUNTS, subscriptions__csv=plain()))
    assert view.answer == "Ready to import: 4 new rows, 0 changed"
    assert f"as of {display_day(dt.date(2024, 3, 26))}" in view.note
    assert (view.ready, view.idle, view.questions, view.mendings) == (True, False, (), ())
    assert [(line.file, line.held, line.fit, line.rows) for line in view.files] == [
        ("accounts.csv", "Accounts", "100% sure", 2),
        ("subscriptions.csv", "Subscriptions", "100% sure", 2),
    ]
    assert view.files[1].dates == "YYYY-MM-DD"
    assert checked.report.dry_run


def test_a_date_that_reads_two_ways_is_asked_with_both_days(upload):
    draft = upload(accounts__csv=ACCOUNTS, subscriptions__csv=plain(first="05/03/2024", second="06/04/2024"))
    view, _ = seen(draft)
    assert view.answer == "1 question to answer before these files can be imported"
    question = view.questions[0]
    assert question.text == "subscriptions.csv, start_date: which day is 05/03/2024?"
    days = [display_day(dt.date(2024, 3, 5)), display_day(dt.date(2024, 5, 3))]
    assert [words for words, _ in question.options] == [f"{days[0]} (DD/MM/YYYY)", f"{days[1]} (MM/DD/YYYY)"]
    view, checked = seen(with_remedies(draft, {(question.file, question.column): question.options[1][1]}))
    assert view.ready
    assert checked.report.as_of == dt.date(2024, 6, 4)


def test_a_date_that_reads_one_way_is_mended_by_one_setting(upload):
    draft = upload(accounts__csv=ACCOUNTS, subscriptions__csv=plain(first="25/03/2024", second="26/03/2024"))
    view, _ = seen(draft)
    (mending,) = view.mendings
    assert mending.label == "Read start_date as DD/MM/YYYY"
    assert 'found "25/03/2024"' in mending.problem.message
    view, checked = seen(with_remedies(draft, {(mending.problem.place, mending.problem.column): mending.remedy}))
    assert view.ready
    assert checked.report.as_of == dt.date(2024, 3, 26)


def test_a_number_that_reads_two_ways_is_asked_with_both_amounts(upload):
    text = plain().replace("10000,EUR,2024-03-25", '"1.234",EUR,2024-03-25').replace("10000", '"2.345"')
    draft = upload(accounts__csv=ACCOUNTS, subscriptions__csv=text)
    question = seen(draft)[0].questions[0]
    assert question.column == "mrr_cents"
    wanted = next(remedy for words, remedy in question.options if words.startswith("1234 "))
    view, _ = seen(with_remedies(draft, {(question.file, question.column): wanted}))
    assert view.ready


def test_text_that_is_not_utf_8_is_asked_and_then_recognised(upload):
    draft = upload(accounts__csv=ACCOUNTS.replace("Ada", "Müller").encode("cp1252"), subscriptions__csv=plain())
    question = seen(draft)[0].questions[0]
    assert question.text == "accounts.csv: which of these words read right?"
    words, remedy = question.options[0]
    assert words == '"Müller" (windows-1252)'
    settled = with_remedies(draft, {(question.file, question.column): remedy})
    view, _ = seen(settled)
    assert view.ready
    assert view.files[0].written == "windows-1252, comma"
    again = open_draft(LOCAL_USER, settled.folder, settled)
    assert seen(again)[0].ready


def test_a_needed_column_under_another_name_is_taken_by_one_choice(upload):
    draft = upload(accounts__csv=ACCOUNTS.replace("start_date", "Since when"))
    view, _ = seen(draft)
    (rule,) = view.lacking
    assert [column.column for column in rule.columns if column.lacking] == ["start_date"]
    view, _ = seen(with_choices(draft, rule, {"start_date": "Since when"}, {}))
    assert view.lacking == ()
    assert view.ready


def test_words_are_translated_those_of_a_scale_too(upload):
    tickets = (
        "ticket_id,account_id,severity,opened_at,escalated\nt1,a1,High,2024-05-01,false\nt2,a1,2,2024-05-01,false\n"
    )
    draft = upload(accounts__csv=ACCOUNTS, subscriptions__csv=plain(), tickets__csv=tickets)
    (item,) = seen(draft)[0].recodings
    assert (item.column, item.words, item.choices) == ("severity", ("High",), ("1", "2", "3", "4"))
    view, _ = seen(with_words(draft, item.rule, item.column, {"High": "1"}))
    assert view.ready


# Choosing and changing


def test_a_typed_text_stands_in_every_row_and_an_unchanged_form_changes_nothing(upload):
    draft = upload(accounts__csv=ACCOUNTS, subscriptions__csv=plain())
    rule = next(place.rule for place in seen(draft)[0].places if place.rule.table == "subscriptions")
    same = {column.column: column.current for column in rule.columns}
    assert with_choices(draft, rule, same, {}).mapping.tables.keys() == draft.mapping.tables.keys()
    assert seen(with_choices(draft, rule, same, {}))[1].report == seen(draft)[1].report
    changed = with_choices(draft, rule, {"currency": "USD"}, {})
    shown = next(place.rule for place in seen(changed)[0].places if place.rule.table == "subscriptions")
    assert next(column.current for column in shown.columns if column.column == "currency") == "= USD"
    assert seen(changed)[0].ready


def test_a_stated_style_is_kept_and_an_unknown_one_is_not_taken(upload):
    draft = upload(accounts__csv=ACCOUNTS)
    rule = seen(draft)[0].places[0].rule
    assert styles_frame(rule)["Column"].tolist() == ["start_date"]
    assert "DD/MM/YYYY" in style_options(rule)
    stated = with_choices(draft, rule, {}, {"start_date": "DD/MM/YYYY"})
    assert stated.mapping.tables["accounts"].columns["start_date"].dates == ("DD/MM/YYYY",)
    assert not seen(stated)[0].ready
    nonsense = with_choices(draft, rule, {}, {"start_date": "1.234,56"})
    assert nonsense.mapping.tables["accounts"].columns["start_date"].dates == ()


def test_columns_that_may_stay_empty_are_listed_for_editing(upload):
    rule = seen(upload(accounts__csv=ACCOUNTS))[0].places[0].rule
    frame = optional_frame(rule).set_index("Column")
    assert frame.loc["segment", "From"] == "segment"
    assert frame.loc["industry", "From"] == ""


def test_a_file_nobody_recognises_is_read_as_the_table_that_is_chosen(upload):
    odd = "ref,alpha,beta\n1,2,3\n"
    draft = upload(accounts__csv=ACCOUNTS, odd__csv=odd)
    view, _ = seen(draft)
    assert [place.label for place in view.places if place.rule is None] == ["odd.csv → not read"]
    chosen = with_file_as(draft, "odd.csv", "milestones")
    assert [rule.table for rule in seen(chosen)[0].lacking] == ["milestones"]
    back = with_file_as(chosen, "odd.csv", None)
    assert seen(back)[0].ready
    without = without_rule(chosen, seen(chosen)[0].lacking[0])
    assert seen(without)[0].ready


def test_another_file_later_leaves_what_was_chosen(upload):
    draft = upload(accounts__csv=ACCOUNTS.replace("start_date", "Since when"))
    (rule,) = seen(draft)[0].lacking
    draft = with_source(with_choices(draft, rule, {"start_date": "Since when"}, {}), "crm")
    draft = upload(draft, subscriptions__csv=plain())
    view, _ = seen(draft)
    assert view.ready
    assert draft.source == "crm"
    assert [line.held for line in view.files] == ["Accounts", "Subscriptions"]


def test_presets_and_remembered_mappings_are_offered(upload):
    draft = upload(accounts__csv=ACCOUNTS)
    remember(LOCAL_USER, with_source(draft, "crm"), NOW)
    known = origins()
    assert list(known)[:2] == ["recognised", "source:crm"]
    assert known["preset:salesforce"] == "Salesforce"
    assert with_origin(draft, "preset:salesforce").source == "salesforce"
    assert with_origin(draft, "contract").source == "files"


def test_a_remembered_mapping_reads_the_files_of_the_next_month(upload):
    draft = upload(export_2026_10__csv=ACCOUNTS.replace("start_date", "Since when"))
    draft = with_file_as(draft, "export_2026_10.csv", "accounts")
    rule = seen(draft)[0].places[0].rule
    draft = with_source(with_choices(draft, rule, {"start_date": "Since when"}, {}), "crm")
    assert remember(LOCAL_USER, draft, NOW).version == 1
    folder = UploadFolder()
    folder.add("export_2026_11.csv", io.BytesIO(ACCOUNTS.replace("start_date", "Since when").encode()))
    folder.add("notes.csv", io.BytesIO(b"alpha,beta\n1,2\n"))  # no table is in it: it stands in nobody's way
    again = open_draft(LOCAL_USER, folder.path)
    assert (again.origin, again.source, again.version) == ("source:crm", "crm", 1)
    assert seen(again)[0].ready
    folder.close()


def test_the_remembered_mapping_is_the_one_that_was_chosen(upload):
    draft = upload(accounts__csv=ACCOUNTS)
    remember(LOCAL_USER, draft, NOW)
    saved = saved_mapping("files").mapping
    assert mapping_from(mapping_toml(saved)) == saved
    assert lasting(saved) == saved


# Check, import, undo


def test_exactly_the_listed_rows_are_left_out(upload):
    draft = upload(accounts__csv=ACCOUNTS, subscriptions__csv=plain(quantity="x"))
    view, checked = seen(draft)
    assert view.answer == "1 problem to solve before these files can be imported"
    assert (view.rows_out, view.stays, view.rules_broken) == (1, 0, {"Number": 1})
    shown, count = problem_list(view.problems, "Number")
    assert count == 1
    assert shown.iloc[0]["Line"] == "3"
    view, checked = seen(with_skip(draft, checked.skip))
    assert view.ready
    assert checked.report.skipped[0].value == "x"
    assert [item.message for item in view.warnings if item.rule == "skipped"] == ["rows left out on request: 1."]


def test_a_mode_that_removes_rows_says_how_many(upload):
    draft = upload(accounts__csv=ACCOUNTS, subscriptions__csv=plain())
    commit(LOCAL_USER, draft, NOW)
    assert seen(draft)[0].answer == "Everything in these files is loaded already"
    less = upload(subscriptions__csv="\n".join(plain().splitlines()[:2]) + "\n")
    assert seen(less)[0].idle
    view, _ = seen(with_settings(less, "replace_table", None))
    assert view.answer == "Ready to import: 0 new rows, 0 changed, 1 would disappear"


def test_an_import_is_taken_back_only_while_it_is_the_newest(upload):
    draft = upload(accounts__csv=ACCOUNTS)
    first = commit(LOCAL_USER, draft, NOW)
    later = upload(draft, subscriptions__csv=plain())
    second = commit(LOCAL_USER, later, NOW)
    with pytest.raises(CouncilError, match="was imported again since"):
        take_back(LOCAL_USER, "files", first.run_id, NOW)
    assert take_back(LOCAL_USER, "files", second.run_id, NOW).run_id == second.run_id
    assert take_back(LOCAL_USER, "files", first.run_id, NOW).run_id == first.run_id


def test_every_step_is_told_before_the_import_is_kept(upload):
    steps = []
    draft = upload(accounts__csv=ACCOUNTS, subscriptions__csv=plain())
    commit(LOCAL_USER, draft, NOW, steps.append)
    assert [step.label for step in steps] == [
        "Reading accounts.csv",
        "Reading subscriptions.csv",
        "Checking keys and references",
        "Comparing accounts with what is loaded",
        "Comparing subscriptions with what is loaded",
    ]
    assert [step.done for step in steps[:3]] == [0, len(ACCOUNTS), len(ACCOUNTS) + len(plain())]


def test_who_stops_waiting_leaves_nothing(upload):
    draft = upload(accounts__csv=ACCOUNTS)

    def leave(step):
        if step.label.startswith("Comparing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        commit(LOCAL_USER, draft, NOW, leave)
    assert seen(draft)[0].answer == "Ready to import: 2 new rows, 0 changed"


def test_only_finance_may_look_into_files(in_empty, tmp_path):
    viewer = Actor("Vi", frozenset({"viewer"}))
    with pytest.raises(NotAllowed):
        open_draft(viewer, tmp_path)


def test_a_check_is_made_anew_when_what_it_depends_on_changes(upload):
    draft = upload(accounts__csv=ACCOUNTS)
    keys = {draft_key(draft), draft_key(with_source(draft, "crm")), draft_key(with_settings(draft, None, NOW.date()))}
    upload(subscriptions__csv=plain())
    assert len(keys | {draft_key(draft)}) == 4


def test_the_pace_names_step_rows_rate_and_time_left():
    seconds = iter([0.0, 0.5, 2.0])
    pace = Pace(lambda: next(seconds))
    assert pace.told(Step("Reading a.csv", 0, 10_000_000)) == (0.0, "Reading a.csv")
    share, words = pace.told(Step("Reading b.csv", 5_000_000, 10_000_000, rows=70_000))
    assert share == pytest.approx(0.35)
    assert words == "Reading b.csv · 70,000 rows · 5.0 MB of 10.0 MB, 2.5 MB a second · about 4 s left"


def test_a_table_of_files_says_nothing_where_nothing_is_known(upload):
    frame = files_frame(seen(upload(accounts__csv=ACCOUNTS, odd__csv="x,y\n1,2\n"))[0].files).set_index("File")
    assert frame.loc["odd.csv", "Not found"] == ""
    assert frame["Rows"].isna().tolist() == [False, True]


def test_a_remedy_for_a_file_that_is_gone_changes_nothing(upload):
    draft = upload(accounts__csv=ACCOUNTS)
    assert with_remedies(draft, {("gone.csv", "x"): Remedy("dates", "DD/MM/YYYY", "start_date")}) == draft
    assert Problem("a.csv", "b").remedies == ()


def test_rows_that_could_not_be_split_count_among_the_rows_of_the_files(upload):
    draft = upload(accounts__csv=ACCOUNTS + "a3,Cy, Ltd,SMB,2024-01-05\na4,Di, Ltd,SMB,2024-01-05\n")
    view = import_view(draft, check(LOCAL_USER, draft, NOW))
    assert (view.rows_out, view.rows) == (2, 4)

"""The plugin that turns a skip into a failure where COUNCIL_REQUIRE says so."""

import pytest

pytest_plugins = ["pytester"]

SKIPPING = """
    import pytest

    @pytest.mark.browser
    def test_marked():
        pytest.skip("no Chromium")

    def test_unmarked():
        pytest.skip("not on this platform")

    @pytest.mark.browser
    @pytest.mark.xfail(reason="known")
    def test_expected_to_fail():
        assert False

    @pytest.mark.browser
    def test_passing():
        pass
"""


@pytest.fixture
def run(pytester, monkeypatch):
    def run_with(required, source=SKIPPING, path="test_it.py"):
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        monkeypatch.setenv("COUNCIL_REQUIRE", required)
        target = pytester.path / path
        target.parent.mkdir(exist_ok=True, parents=True)
        target.write_text("\n".join(line.removeprefix("    ") for line in source.splitlines()))
        pytester.makeini("[pytest]\nmarkers =\n    browser: x\n    postgres: x\n")
        return pytester.runpytest_inprocess("-p", "tests.required")

    return run_with


def test_without_the_variable_a_skip_is_a_skip(run):
    run("").assert_outcomes(passed=1, skipped=2, xfailed=1)


def test_a_required_kind_fails_when_skipped(run):
    result = run("browser,postgres")
    result.assert_outcomes(passed=1, failed=1, skipped=1, xfailed=1)
    result.stdout.fnmatch_lines(["*no Chromium*", "*COUNCIL_REQUIRE names browser*"])


def test_another_required_kind_leaves_it_skipped(run):
    run("postgres").assert_outcomes(passed=1, skipped=2, xfailed=1)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("import pytest\npytestmark = pytest.mark.browser\npytest.importorskip('absent_xyz')", id="import"),
        pytest.param("import pytest\npytest.skip('no Chromium', allow_module_level=True)", id="module"),
    ],
)
def test_a_skipped_module_of_a_required_folder_fails(run, source):
    run("browser", source, "browser/test_it.py").assert_outcomes(errors=1)
    run("postgres", source, "browser/test_it.py").assert_outcomes(skipped=1)


def test_a_skip_in_a_fixture_counts_too(run):
    source = """
    import pytest

    @pytest.fixture
    def server():
        pytest.skip("no binaries")

    @pytest.mark.postgres
    def test_it(server):
        pass
    """
    assert run("postgres", source).ret == pytest.ExitCode.TESTS_FAILED


def test_an_unknown_kind_is_refused(run):
    assert run("browsers").ret == pytest.ExitCode.USAGE_ERROR

"""Tables of words: labels travel with the cells, marks do not replace words, text stays text."""

from core.charts.lists import LONG, Words, listing_html

NAMES = ("State", "What")


def test_a_cell_carries_the_label_it_shows_as_a_card():
    html = listing_html(NAMES, [(Words("▲ overdue", tone="bad"), Words("Call", "Decision: Fund it"))], "Actions")
    assert '<td role="cell" data-label="State"><div><span class="rc-tag rc-bad">▲ overdue</span></div></td>' in html
    assert '<td role="cell" data-label="What"><div>Call<small>Decision: Fund it</small></div></td>' in html


def test_an_empty_cell_has_neither_label_nor_words():
    assert '<td role="cell"></td>' in listing_html(NAMES, [("", "Call")], "Actions")


def test_a_long_list_scrolls_and_can_be_reached_by_keyboard():
    rows = [("open", str(number)) for number in range(LONG + 1)]
    assert 'class="rc-long" tabindex="0"' in listing_html(NAMES, rows, "Actions")
    assert 'class="rc-long"' not in listing_html(NAMES, rows[1:], "Actions")


def test_text_of_records_is_escaped_everywhere():
    evil = '<b onclick="x">&'
    html = listing_html((evil, "What"), [(evil, Words(evil, evil, "good"))], evil)
    assert "<b" not in html
    assert html.count("&lt;b onclick=&quot;x&quot;&gt;&amp;") == 6

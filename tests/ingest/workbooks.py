"""Small workbooks built part by part, so that each can be wrong in exactly one way."""

import io
import zipfile

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def text(ref, value):
    """A cell with text in it."""
    return f'<c r="{ref}" t="inlineStr"><is><t>{value}</t></is></c>'


def number(ref, value, style=0):
    """A cell with a number; style 1 shows it as a date."""
    return f'<c r="{ref}" s="{style}"><v>{value}</v></c>'


def row(place, *cells, hidden=False):
    """A row of a sheet."""
    return f'<row r="{place}"{" hidden=" + chr(34) + "1" + chr(34) if hidden else ""}>{"".join(cells)}</row>'


def sheet(*rows, after="", before=""):
    """The XML of a sheet."""
    return f'{HEAD}<worksheet xmlns="{MAIN}">{before}<sheetData>{"".join(rows)}</sheetData>{after}</worksheet>'


HEADER = row(1, text("A1", "account_id"), text("B1", "name"), text("C1", "start_date"))
ASTER = row(2, text("A2", "A-1"), text("B2", "Aster"), number("C2", 45688, 1))
BIRCH = row(3, text("A3", "A-2"), text("B3", "Birch"), number("C3", 45689, 1))
SOUND = sheet(HEADER, ASTER, BIRCH)


def parts(*sheets, states=(), properties=""):
    """The parts of a workbook with these sheets."""
    sheets = sheets or (SOUND,)
    states = states or ("visible",) * len(sheets)
    listed = "".join(
        f'<sheet name="Sheet{n}" sheetId="{n}" state="{state}" r:id="rId{n}"/>' for n, state in enumerate(states, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    styles = (
        f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.worksheet+xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
        f'officedocument.spreadsheetml.sheet.main+xml"/>{kinds}</Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{properties}<sheets>{listed}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{related}<Relationship '
        f'Id="rId90" Type="{LINKS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": HEAD + styles,
    } | {f"xl/worksheets/sheet{n}.xml": content for n, content in enumerate(sheets, 1)}


def packed(named, twice=()):
    """The parts as a ZIP file; names in `twice` are added a second time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in named.items():
            archive.writestr(name, content)
        for name in twice:
            archive.writestr(name, named[name])
    return buffer.getvalue()


def workbook(*sheets, extra=None, **options):
    """A whole workbook."""
    return packed(parts(*sheets, **options) | (extra or {}))

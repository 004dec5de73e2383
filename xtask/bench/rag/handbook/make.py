"""Makes the handbook's files from their sources: `make.py SOURCES TARGET CHROMIUM`.

A source is named as its file with one ending more: `NAME.pdf.md`, `NAME.docx.md` (Markdown) and `NAME.xlsx.csv` (sheets
begin with a line `[NAME]`). Everything else is taken as it is. In a PDF's source `<!-- page -->` begins a page and
`<!-- columns -->` sets it in two columns. The files are written by programs that have nothing to do with what reads them.
"""

import csv
import datetime
import html
import pathlib
import re
import shutil
import subprocess
import sys

import docx
import openpyxl
import pypdf
from markdown_it import MarkdownIt

MARKDOWN = MarkdownIt().enable("table")

PAGE = "<!-- page -->"
COLUMNS = "<!-- columns -->"

STYLE = """
@page { size: A4; margin: 24mm 20mm;
  @top-left { content: "Tarnbeck Water Cooperative"; font: 8pt sans-serif; }
  @top-right { content: "%s"; font: 8pt sans-serif; }
  @bottom-center { content: counter(page); font: 8pt sans-serif; } }
body { font: 10.5pt/1.4 "DejaVu Serif", serif; margin: 0; }
h1 { font-size: 19pt; } h2 { font-size: 13pt; break-after: avoid; }
section + section { break-before: page; }
section.columns { columns: 2; column-gap: 9mm; }
table { border-collapse: collapse; } td, th { border: 0.5pt solid #777; padding: 2pt 5pt; text-align: left; }
"""


def pdf(source, target, chromium):
    text = source.read_text()
    kind = ' class="columns"' if COLUMNS in text else ""
    pages = text.replace(COLUMNS, "").split(PAGE)
    title = re.search(r"^# (.+)$", text, re.MULTILINE).group(1)
    body = "".join(f"<section{kind}>{MARKDOWN.render(page)}</section>" for page in pages)
    head = f"<meta charset='utf-8'><title>{html.escape(title)}</title><style>{STYLE % title}</style>"
    page = target.with_suffix(".html")
    page.write_text(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={target}"]
    subprocess.run([chromium, *flags, page.as_uri()], check=True, capture_output=True)
    page.unlink()
    printed = len(pypdf.PdfReader(target).pages)
    if printed != len(pages):
        sys.exit(f"{source.name} has {len(pages)} pages and was printed on {printed}")


def word(source, target):
    document = docx.Document()
    tokens = MARKDOWN.parse(source.read_text())
    style, row = None, None
    for place, token in enumerate(tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            style = "List Bullet" if token.type.startswith("bullet") else "List Number"
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            style = None
        elif token.type == "table_open":
            columns = tokens[place:].index(next(t for t in tokens[place:] if t.type == "tr_close")) // 3
            table = document.add_table(rows=0, cols=columns, style="Table Grid")
        elif token.type == "tr_open":
            row = iter(table.add_row().cells)
        elif token.type == "inline":
            before = tokens[place - 1]
            if before.type in ("th_open", "td_open"):
                runs(next(row).paragraphs[0], token)
            elif before.type == "heading_open":
                runs(document.add_heading(level=int(before.tag[1])), token)
            else:
                runs(document.add_paragraph(style=style), token)
    document.save(target)


def runs(paragraph, inline):
    bold = italic = False
    for part in inline.children:
        if part.type in ("strong_open", "strong_close"):
            bold = part.type == "strong_open"
        elif part.type in ("em_open", "em_close"):
            italic = part.type == "em_open"
        elif part.type in ("text", "code_inline", "softbreak"):
            run = paragraph.add_run(part.content or " ")
            run.bold, run.italic = bold or None, italic or None


def sheets(source, target):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for row in csv.reader(source.open()):
        if len(row) == 1 and row[0].startswith("["):
            sheet = book.create_sheet(row[0].strip("[]"))
        else:
            sheet.append([value(cell) for cell in row])
    book.save(target)


def value(cell):
    for kind in (int, float, datetime.date.fromisoformat):
        try:
            return kind(cell)
        except ValueError:
            pass
    return cell or None


def main():
    sources, target, chromium = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for source in sorted(sources.iterdir()):
        made = target / source.stem
        if source.name.endswith(".pdf.md"):
            pdf(source, made.resolve(), chromium)
        elif source.name.endswith(".docx.md"):
            word(source, made)
        elif source.name.endswith(".xlsx.csv"):
            sheets(source, made)
        else:
            shutil.copy(source, target)


main()

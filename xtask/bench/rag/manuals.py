"""What is compared with the text of PDFs: `manuals.py MANUALS TARGET NAME...`.

Of each NAME it writes the text of the HTML edition (`NAME.html.txt`), the text that pypdf reads of the PDF
(`NAME.pypdf.txt`), and how many pages that is and the seconds of CPU that it took (`NAME.pypdf.cost`).
"""

import html.parser
import pathlib
import sys
import time

import pypdf


class Text(html.parser.HTMLParser):
    """The text of a page, without its head and scripts."""

    def __init__(self):
        super().__init__()
        self.parts, self.hidden = [], 0

    def handle_starttag(self, tag, attributes):
        self.hidden += tag in ("head", "script", "style")
        self.parts.append(" " if tag not in INLINE else "")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("head", "script", "style")
        self.parts.append(" " if tag not in INLINE else "")

    def handle_data(self, data):
        if not self.hidden:
            self.parts.append(data)


INLINE = {"a", "b", "i", "em", "strong", "code", "kbd", "samp", "var", "span", "sub", "sup", "tt", "small", "cite", "dfn"}


def main():
    manuals, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[3:]:
        page = Text()
        page.feed((manuals / f"{name}.html").read_text(errors="replace"))
        (target / f"{name}.html.txt").write_text("".join(page.parts))
        start = time.process_time()
        pages = [page.extract_text() for page in pypdf.PdfReader(manuals / f"{name}.pdf").pages]
        seconds = time.process_time() - start
        (target / f"{name}.pypdf.txt").write_text("\n".join(pages), errors="replace")
        (target / f"{name}.pypdf.cost").write_text(f"{len(pages)} {seconds:.3f}")


main()

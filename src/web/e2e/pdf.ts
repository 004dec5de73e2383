// A PDF of two pages, made on the spot, each with enough words to be a passage of its own: what is cited is on the second.

/** Words for a page about something else. */
const LEAVE = "Everybody has thirty days of leave in a year, and takes at least ten of them in one piece. Whoever falls ill on leave gets the days back.";
const TRAVEL = "Journeys of less than four hours go by rail. Receipts are kept for a year and handed in within a month of the way back.";

/** What a page says, line by line. */
const PAGES = [
  ["Leave", ...Array.from({ length: 24 }, (_, index) => `${index + 1}. ${LEAVE}`)],
  ["Travel", "A night train is booked by the office in Ulm.", ...Array.from({ length: 24 }, (_, index) => `${index + 1}. ${TRAVEL}`)],
];

/** The document's bytes. */
export function pdf(): Buffer {
  const kids = PAGES.map((_, index) => `${4 + index * 2} 0 R`).join(" ");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${PAGES.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...PAGES.flatMap((lines, index) => {
      const stream = `BT /F1 7 Tf 20 TL 50 740 Td ${lines.map((line) => `(${line}) Tj T*`).join(" ")} ET`;
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + index * 2} 0 R >>`,
        `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
      ];
    }),
  ];
  let body = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const place = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const start = body.length;
  const rows = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(body, "latin1");
}

/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The dmarctrace authors
 *
 * Inside the report folder: the one script of a summary. It gives the tables a search box and
 * sortable columns; the page is complete without it. Allowed by its hash, so not a character of it
 * may depend on data.
 */
#ifndef DT_REPORT_HTML_SCRIPT_H
#define DT_REPORT_HTML_SCRIPT_H

static const char dt_html_script[] =
    "\"use strict\";\n"
    "for (const table of document.querySelectorAll(\"table.data\")) {\n"
    "  const body = table.tBodies[0], rows = [...body.rows], texts = rows.map(row => "
    "row.textContent.toLowerCase());\n"
    "  const box = document.createElement(\"p\"), label = document.createElement(\"label\"), field "
    "= document.createElement(\"input\");\n"
    "  const shown = document.createElement(\"span\");\n"
    "  box.className = \"find\";\n"
    "  field.type = \"search\";\n"
    "  shown.setAttribute(\"role\", \"status\");\n"
    "  label.append(\"Search \", field);\n"
    "  box.append(label, \" \", shown);\n"
    "  table.before(box);\n"
    "  table.classList.add(\"live\");\n"
    "  field.addEventListener(\"input\", () => {\n"
    "    const words = field.value.toLowerCase().split(/\\s+/).filter(Boolean);\n"
    "    let count = 0;\n"
    "    rows.forEach((row, i) => {\n"
    "      row.hidden = !words.every(word => texts[i].includes(word));\n"
    "      count += row.hidden ? 0 : 1;\n"
    "    });\n"
    "    shown.textContent = words.length ? count + \" of \" + rows.length : \"\";\n"
    "  });\n"
    "  [...table.tHead.rows[0].cells].forEach((head, column) => {\n"
    "    const button = document.createElement(\"button\");\n"
    "    button.type = \"button\";\n"
    "    button.append(...head.childNodes);\n"
    "    head.append(button);\n"
    "    button.addEventListener(\"click\", () => {\n"
    "      const sign = head.getAttribute(\"aria-sort\") === \"ascending\" ? -1 : 1;\n"
    "      for (const other of table.tHead.rows[0].cells) other.removeAttribute(\"aria-sort\");\n"
    "      head.setAttribute(\"aria-sort\", sign > 0 ? \"ascending\" : \"descending\");\n"
    "      const key = row => row.cells[column].dataset.n === undefined ? "
    "row.cells[column].textContent : Number(row.cells[column].dataset.n);\n"
    "      const compare = (a, b) => typeof a === \"number\" ? a - b : a.localeCompare(b);\n"
    "      body.append(...[...body.rows].sort((a, b) => sign * compare(key(a), key(b))));\n"
    "    });\n"
    "  });\n"
    "}\n";

#endif

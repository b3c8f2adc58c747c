"use strict";
// The table of points: a click on a column's name sorts by it, a second one the other way round.
(function () {
  const mostRows = 500;
  const { columns, rows } = data.table;
  const sorted = { column: -1, down: false };

  const text = (cell) => (Array.isArray(cell) ? cell[0] : cell === null ? "" : String(cell));
  const key = (cell) => (Array.isArray(cell) ? (cell[1] === null ? cell[0] : cell[1]) : cell);

  // Nothing goes last, whichever way.
  function compare(a, b) {
    const [left, right] = [key(a[sorted.column]), key(b[sorted.column])];
    const missing = (value) => value === null || value === "";
    if (missing(left) || missing(right)) return missing(left) - missing(right);
    const order = typeof left === "number" && typeof right === "number" ? left - right : String(left).localeCompare(String(right));
    return sorted.down ? -order : order;
  }

  function show(cell, { number, kind }) {
    if (kind === "metric" || kind === "wall") return cell === null ? "–" : String(Number(cell.toPrecision(5)));
    return text(cell) + (number && cell === null ? "–" : "");
  }

  function draw() {
    const wanted = byId("filter").value.trim().toLowerCase();
    let chosen = rows.filter((row) => !wanted || row.some((cell) => text(cell).toLowerCase().includes(wanted)));
    if (sorted.column >= 0) chosen = [...chosen].sort(compare);
    const status = columns.findIndex((column) => column.kind === "status");
    byId("table").tBodies[0].replaceChildren(...chosen.slice(0, mostRows).map((row) => {
      const line = element("tr", undefined, row[status] === "done" ? "" : "undone");
      columns.forEach((column, place) => line.append(element("td", show(row[place], column),
        column.number ? "number" : column.kind === "message" ? "message" : "")));
      return line;
    }));
    byId("row-count").textContent = (chosen.length > mostRows ? mostRows + " of " : "") + chosen.length +
      (chosen.length === rows.length ? " points" : " of " + rows.length + " points");
    document.querySelectorAll("#table th").forEach((head, place) => {
      const here = place === sorted.column;
      head.setAttribute("aria-sort", here ? (sorted.down ? "descending" : "ascending") : "none");
      head.querySelector("span").textContent = here ? (sorted.down ? " ▼" : " ▲") : "";
    });
  }

  const head = element("tr");
  columns.forEach((column, place) => {
    const cell = element("th", undefined, column.number ? "number" : "");
    cell.dataset.column = column.name;
    const button = element("button", column.name);
    button.append(element("span"));
    button.addEventListener("click", () => {
      sorted.down = sorted.column === place && !sorted.down;
      sorted.column = place;
      draw();
    });
    cell.append(button);
    head.append(cell);
  });
  byId("table").tHead.append(head);
  byId("filter").addEventListener("input", draw);
  draw();
})();

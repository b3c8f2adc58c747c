"use strict";
// What was run, and where it is from.
(function () {
  function pairs(rows) {
    const table = element("table");
    for (const [name, value] of rows) {
      const row = element("tr");
      row.append(element("th", name), element("td", value));
      table.append(row);
    }
    return table;
  }

  const { counts, axes, seeds, scenarios, fixed } = data.overview;
  byId("title").textContent = data.title;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const states = Object.entries(counts).map(([status, count]) => count + " " + status).join(", ");
  byId("lead").textContent = total + (total === 1 ? " point: " : " points: ") + states + ". " + axes.length +
    (axes.length === 1 ? " axis, " : " axes, ") + seeds.length + (seeds.length === 1 ? " seed." : " seeds.");
  const short = (values) => values.length > 40 ? values.slice(0, 40).join(", ") + ", … (" + values.length + ")" : values.join(", ");
  byId("axes").append(pairs([...axes.map(({ name, values }) => [name + (fixed.includes(name) ? " (fixed)" : ""), short(values)]),
                             ["seeds", short(seeds)]]));
  scenarios.forEach(([name, text]) => {
    const details = element("details");
    details.open = scenarios.length === 1;
    details.append(element("summary", "scenario " + name), element("pre", text));
    byId("scenarios").append(details);
  });
  data.provenance.forEach((rows) => byId("origins").append(pairs(rows)));
})();

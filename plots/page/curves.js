"use strict";
// Medians of the lines with their bands; each line has a checkbox.
(function () {
  const curves = data.curves;
  if (!curves) {
    byId("curves").replaceChildren(element("h2", "Curves"), element("p", "No run has observations to draw.", "remark"));
    return;
  }
  const colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7F7F7F"];
  const dashes = [["solid", ""], ["dash", "7 3"], ["dot", "2 2"], ["dashdot", "7 2 2 2"]];
  const colour = (line) => colours[line % colours.length];
  const dash = (line) => dashes[Math.floor(line / colours.length) % dashes.length];
  let ready = false;
  const shown = curves.lines.map((_, line) => line < curves.shown);
  const label = (list, name) => list.find((each) => each.name === name).label;

  function band(line, [x, , low, high]) {
    const known = x.map((_, place) => place).filter((place) => low[place] !== null && high[place] !== null);
    if (known.length < 2) return [];
    const common = { x: known.map((place) => x[place]), mode: "lines", hoverinfo: "skip", showlegend: false,
                     line: { width: 0, shape: "hv", color: colour(line) }, visible: shown[line], meta: line };
    return [{ ...common, y: known.map((place) => low[place]) },
            { ...common, y: known.map((place) => high[place]), fill: "tonexty", fillcolor: colour(line) + "2b" }];
  }

  function traces() {
    const all = curves.data[byId("abscissa").value + "|" + byId("ordinate").value];
    const drawn = [];
    all.forEach((values, line) => {
      if (values && byId("bands").checked) drawn.push(...band(line, values));
    });
    all.forEach((values, line) => {
      if (!values) return;
      drawn.push({ x: values[0], y: values[1], mode: "lines", name: curves.lines[line], visible: shown[line], meta: line,
                   line: { color: colour(line), dash: dash(line)[0], width: 2, shape: "hv" }, showlegend: false });
    });
    return drawn;
  }

  function draw() {
    if (!ready) return;
    const axis = (list, id, log) => ({ title: { text: label(list, byId(id).value) }, type: byId(log).checked ? "log" : "linear",
                                       zeroline: false, showline: true, linecolor: "#888", gridcolor: "#e4e4e4" });
    const layout = { margin: { l: 70, r: 10, t: 10, b: 50 }, hovermode: "closest", font: { size: 13 },
                     xaxis: axis(curves.xs, "abscissa", "log-x"), yaxis: axis(curves.ys, "ordinate", "log-y") };
    Plotly.react("chart", traces(), layout, { responsive: true, displaylogo: false });
  }

  function swatch(line) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    made.setAttribute("width", 26);
    made.setAttribute("height", 8);
    const stroke = document.createElementNS("http://www.w3.org/2000/svg", "line");
    for (const [name, value] of Object.entries({ x1: 0, x2: 26, y1: 4, y2: 4, stroke: colour(line), "stroke-width": 2.5,
                                                 "stroke-dasharray": dash(line)[1] })) stroke.setAttribute(name, value);
    made.append(stroke);
    return made;
  }

  const boxes = curves.lines.map((name, line) => {
    const row = element("label");
    const box = element("input");
    box.type = "checkbox";
    box.dataset.line = line;
    const show = (value) => {
      shown[line] = box.checked = value;
      row.classList.toggle("hidden", !value);
    };
    box.addEventListener("change", () => { show(box.checked); draw(); });
    row.append(box, swatch(line), element("span", name));
    byId("series").append(row);
    show(shown[line]);
    return show;
  });
  for (const [id, value] of [["all", true], ["none", false]]) {
    byId(id).addEventListener("click", () => { boxes.forEach((show) => show(value)); draw(); });
  }
  byId("by").textContent = curves.by.length ? "by " + curves.by.join(", ") : "";
  curves.xs.forEach(({ name, label: text }) => byId("abscissa").append(option(name, text)));
  curves.ys.forEach(({ name, label: text }) => byId("ordinate").append(option(name, text)));
  for (const id of ["abscissa", "ordinate", "log-x", "log-y", "bands"]) byId(id).addEventListener("change", draw);
  const counts = [...new Set(curves.runs)].sort((a, b) => a - b);
  const seeds = counts.length > 1 ? counts[0] + " to " + counts[counts.length - 1] + " seeds" : counts[0] + (counts[0] === 1 ? " seed" : " seeds");
  const parts = ["Medians over " + seeds + ", as steps between observations, as far as the shortest run goes"
                 + (counts[counts.length - 1] > 1 ? "; bands: " + curves.confidence + " confidence, percentile bootstrap of the median with "
                    + curves.resamples + " resamples." : "; one run has no band.")];
  if (curves.lines.length > curves.shown) parts.push("The first " + curves.shown + " of " + curves.lines.length + " lines are ticked.");
  if (curves.left_out) parts.push(curves.left_out);
  if (curves.thinned) parts.push(curves.thinned);
  const remark = byId("curves-remark");
  remark.textContent = parts.join(" ");
  loadPlotly().then(() => {
    ready = true;
    draw();
  }).catch((error) => {
    remark.textContent = "No curves: this browser does not decompress what draws them (Chromium 80, Firefox 113 and Safari 16.4 do): " + error;
  });
})();

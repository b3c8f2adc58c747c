"use strict";
// What the parts of the page share.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function option(value, label) {
  const made = element("option", label);
  made.value = value;
  return made;
}

// To four digits, in a unit of seconds.
function seconds(time) {
  const units = [[1, "s"], [1e-3, "ms"], [1e-6, "µs"]];
  const [scale, unit] = units.find(([size]) => Math.abs(time) >= size) || (time === 0 ? units[0] : units[2]);
  return Number((time / scale).toPrecision(6)) + " " + unit;
}

"use strict";
// What each rank did when: a slider moves the time, at which the table says what each does.
(function () {
  if (!data.timelines.length) {
    byId("timeline").remove();
    byId("no-timeline").textContent = "None of these runs has a timeline; descent run and descent sweep write them with --trace.";
    return;
  }
  const canvas = byId("canvas");
  const slider = byId("time");
  const zooms = [1, 2, 5, 10, 50, 200, 1000];
  const activity = (kind) => data.activities[kind < 0 ? data.activities.length - 1 : kind];
  const rowHeight = 18;
  let run, time, left, width;

  // The last stretch that begins at the time or before it, or -1.
  function last(begins, at) {
    let low = 0, high = begins.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (begins[middle] <= at) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  function place() {
    width = run.end / Number(byId("zoom").value);
    left = Math.min(Math.max(0, time - width / 2), run.end - width);
  }

  function drawTrack(context, track, y, begin, scale) {
    for (let i = Math.max(0, last(track.begins, left)); i < track.begins.length && track.begins[i] < left + width; ++i) {
      const from = Math.max(track.begins[i], left), to = Math.min(track.ends[i], left + width);
      if (to <= from) continue;
      context.fillStyle = activity(track.kinds[i]).colour;
      // No least width: what is narrower than a dot mixes its colour with its neighbours', in proportion.
      context.fillRect(begin + (from - left) * scale, y + 2, (to - from) * scale, rowHeight - 4);
    }
  }

  function drawAxis(context, begin, scale, bottom) {
    const step = tickStep(width);
    context.fillStyle = "#5c5c5c";
    for (let tick = Math.ceil(left / step) * step; tick <= left + width; tick += step) {
      context.fillRect(begin + (tick - left) * scale, bottom, 1, 4);
      context.textAlign = tick > left + 0.97 * width ? "right" : "center";  // the canvas ends there
      context.fillText(seconds(Number(tick.toPrecision(9))), begin + (tick - left) * scale, bottom + 13);
    }
  }

  function tickStep(range) {
    const power = 10 ** Math.floor(Math.log10(range / 5));
    return [1, 2, 5, 10].map((factor) => factor * power).find((step) => range / step <= 8);
  }

  function names(context) {
    return Math.min(220, Math.max(...run.tracks.map((track) => context.measureText(track.name).width)) + 10);
  }

  function draw() {
    const ratio = window.devicePixelRatio || 1;
    const wide = canvas.clientWidth, high = rowHeight * run.tracks.length + 22;
    canvas.style.height = high + "px";
    canvas.width = wide * ratio;
    canvas.height = high * ratio;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.font = "12px \"Liberation Sans\", Helvetica, Arial, sans-serif";
    context.textBaseline = "middle";
    const begin = names(context);
    const scale = (wide - begin - 8) / width;
    canvas.dataset.begin = begin;
    canvas.dataset.scale = scale;
    run.tracks.forEach((track, number) => {
      context.fillStyle = "#1a1a1a";
      context.textAlign = "right";
      context.fillText(track.name, begin - 6, rowHeight * (number + 0.5), begin - 8);
      drawTrack(context, track, rowHeight * number, begin, scale);
    });
    drawAxis(context, begin, scale, rowHeight * run.tracks.length);
    context.fillStyle = "#d0021b";
    context.fillRect(begin + (time - left) * scale - 0.75, 0, 1.5, rowHeight * run.tracks.length + 4);
  }

  function tell() {
    byId("now").textContent = "at " + seconds(time) + " of " + seconds(run.end);
    byId("activity").tBodies[0].replaceChildren(...run.tracks.map((track) => {
      const row = element("tr");
      const i = last(track.begins, time);
      const inside = i >= 0 && time < track.ends[i];
      const does = element("td");
      if (inside) {
        const mark = element("i");
        mark.style.background = activity(track.kinds[i]).colour;
        does.append(mark, " ");
      }
      does.append(inside ? activity(track.kinds[i]).name : "–");
      row.append(element("td", track.name), does, element("td", inside ? seconds(track.begins[i]) : "", "number"),
                 element("td", inside ? seconds(track.ends[i]) : "", "number"));
      return row;
    }));
  }

  function update() {
    place();
    draw();
    tell();
  }

  function moveTo(fraction) {
    time = Math.min(1, Math.max(0, fraction)) * run.end;
    update();
  }

  function choose() {
    run = data.timelines[Number(byId("run-choice").value)];
    byId("timeline-remark").textContent = run.remark;
    moveTo(Number(slider.value) / slider.max);
  }

  function pointed(event) {
    const at = left + (event.offsetX - Number(canvas.dataset.begin)) / Number(canvas.dataset.scale);
    slider.value = Math.round(slider.max * at / run.end);
    time = Math.min(run.end, Math.max(0, at));
    draw();
    tell();
  }

  data.timelines.forEach((each, number) => byId("run-choice").append(option(number, each.name)));
  zooms.forEach((zoom) => byId("zoom").append(option(zoom, zoom === 1 ? "the whole run" : "1/" + zoom + " of it")));
  data.activities.forEach(({ name, colour }) => {
    const entry = element("span");
    const mark = element("i");
    mark.style.background = colour;
    entry.append(mark, name);
    byId("legend").append(entry);
  });
  slider.addEventListener("input", () => moveTo(Number(slider.value) / slider.max));
  byId("zoom").addEventListener("change", update);
  byId("run-choice").addEventListener("change", choose);
  canvas.addEventListener("pointerdown", pointed);
  canvas.addEventListener("pointermove", (event) => { if (event.buttons) pointed(event); });
  window.addEventListener("resize", draw);
  choose();
})();

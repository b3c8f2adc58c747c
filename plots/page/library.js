"use strict";
// plotly.js is in the page as base64 of its gzip: a promise that it has been run.
async function loadPlotly() {
  const packed = Uint8Array.from(atob(byId("plotly").textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const program = new Blob([await new Response(stream).blob()], { type: "text/javascript" });
  const script = element("script");
  script.src = URL.createObjectURL(program);
  await new Promise((done, failed) => {
    script.onload = done;
    script.onerror = () => failed(new Error("plotly.js does not run"));
    document.head.append(script);
  });
}

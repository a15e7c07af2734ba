// The map's side of Streamlit's component protocol: takes what to draw, tells what was pressed.
(function (map) {
  "use strict";
  var base = null;
  function tell(type, what) {
    window.parent.postMessage(Object.assign({ isStreamlitMessage: true, type: "streamlit:" + type }, what), "*");
  }
  function pressed(what) {
    what.moment = Date.now(); // the same village may be pressed twice
    tell("setComponentValue", { value: what, dataType: "json" });
  }
  window.addEventListener("message", function (event) {
    if (event.source !== window.parent || event.data.type !== "streamlit:render") { return; }
    var asked = event.data.args, theme = event.data.theme || {};
    document.documentElement.dataset.theme = theme.base || "light";
    tell("setFrameHeight", { height: asked.height });
    if (asked.base !== base) {
      base = asked.base;
      jangkau.start(map, base);
    }
    if (asked.paint) { jangkau.paint(asked.paint); }
    // The words of the frame, for those who hear the page.
    if (window.frameElement) { window.frameElement.title = asked.title; }
  });
  window.addEventListener("jangkau-select", function (event) { pressed({ code: event.detail.code }); });
  tell("componentReady", { apiVersion: 1 });
})

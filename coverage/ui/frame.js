// The map's side of Streamlit's component protocol: takes what to draw, tells what was pressed.
(function (map) {
  "use strict";
  var base = null, asked = {};
  function tell(type, what) {
    window.parent.postMessage(Object.assign({ isStreamlitMessage: true, type: "streamlit:" + type }, what), "*");
  }
  function pressed(what) {
    what.moment = Date.now(); // the same village may be pressed twice
    tell("setComponentValue", { value: what, dataType: "json" });
  }
  window.addEventListener("message", function (event) {
    if (event.source !== window.parent || event.data.type !== "streamlit:render") { return; }
    asked = event.data.args;
    var theme = event.data.theme || {};
    document.documentElement.dataset.theme = theme.base || "light";
    document.documentElement.lang = asked.lang;
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
  window.addEventListener("jangkau-place", function (event) { pressed({ place: event.detail }); });
  // Two maps beside each other look at the same ground: the page around them carries the word.
  var guest = false;
  map.on("moveend", function () {
    if (guest || !asked.linked) { return; }
    var detail = { from: asked.name, centre: map.getCenter(), zoom: map.getZoom() };
    window.parent.dispatchEvent(new CustomEvent("jangkau-view", { detail: detail }));
  });
  function follow(event) {
    if (!asked.linked || event.detail.from === asked.name) { return; }
    guest = true;
    map.setView(event.detail.centre, event.detail.zoom, { animate: false });
    guest = false;
  }
  window.parent.addEventListener("jangkau-view", follow);
  window.addEventListener("pagehide", function () { window.parent.removeEventListener("jangkau-view", follow); });
  tell("componentReady", { apiVersion: 1 });
})

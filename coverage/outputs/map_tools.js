// Tools of the map: measure a distance, take a picture along. Words come from the state.
var jangkauTools = function (map, words, legend, caption) {
  "use strict";
  var measuring = false, points = [], line = L.layerGroup().addTo(map), out = document.createElement("output");
  var box = document.createElement("div");
  box.id = "jangkau-tools";
  L.DomEvent.disableClickPropagation(box);
  function button(text, press) {
    var made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", press);
    box.appendChild(made);
    return made;
  }
  function length() {
    var sum = 0;
    for (var i = 1; i < points.length; i += 1) { sum += map.distance(points[i - 1], points[i]); }
    return sum;
  }
  function said(metres) {
    var lang = document.documentElement.lang || undefined;
    return (metres / 1000).toLocaleString(lang, { maximumFractionDigits: metres < 10000 ? 2 : 1 }) + " km";
  }
  function draw() {
    line.clearLayers();
    if (points.length) { L.polyline(points, { color: "#111111", weight: 2, dashArray: "5 4", interactive: false }).addTo(line); }
    points.forEach(function (p) {
      L.circleMarker(p, { radius: 4, color: "#ffffff", weight: 1.5, fillColor: "#111111", fillOpacity: 1, interactive: false }).addTo(line);
    });
    out.textContent = measuring ? said(length()) : "";
  }
  function toggle() {
    measuring = !measuring;
    points = [];
    ruler.setAttribute("aria-pressed", String(measuring));
    map.getContainer().classList.toggle("jangkau-measuring", measuring);
    draw();
  }
  var ruler = button(words.measure, toggle);
  ruler.setAttribute("aria-pressed", "false");
  button(words.picture, picture);
  box.appendChild(out);
  out.setAttribute("aria-live", "polite");
  map.getContainer().appendChild(box);

  // With the keyboard, the middle of the map is the point: Enter sets it.
  map.getContainer().addEventListener("keydown", function (event) {
    if (measuring && event.key === "Enter" && event.target === map.getContainer()) { add(map.getCenter()); }
    if (measuring && event.key === "Escape") { toggle(); }
  });
  function add(at) { points.push(at); draw(); }

  function picture() {
    var size = map.getSize(), scale = 2, room = 44, canvas = document.createElement("canvas");
    var items = legend(), told = caption();
    canvas.width = size.x * scale;
    canvas.height = (size.y + room + 18 * Math.ceil(items.length / 3)) * scale;
    var pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, size.x, canvas.height);
    pen.fillStyle = "#f4f5f3";
    pen.fillRect(0, 0, size.x, size.y);
    var frame = map.getContainer().getBoundingClientRect();
    pen.save();
    pen.beginPath();
    pen.rect(0, 0, size.x, size.y);
    pen.clip();
    map.getContainer().querySelectorAll(".leaflet-overlay-pane canvas, .leaflet-image-layer").forEach(function (part) {
      var at = part.getBoundingClientRect();
      pen.globalCompositeOperation = part.closest(".jangkau-relief") ? "multiply" : "source-over";
      pen.globalAlpha = Number(getComputedStyle(part).opacity);
      pen.drawImage(part, at.left - frame.left, at.top - frame.top, at.width, at.height);
    });
    pen.restore();
    pen.fillStyle = "#1b1b1b";
    pen.font = "600 14px system-ui, sans-serif";
    pen.fillText(told, 8, size.y + 20);
    pen.font = "12px system-ui, sans-serif";
    items.forEach(function (item, i) {
      var x = 8 + (i % 3) * size.x / 3, y = size.y + 38 + 18 * Math.floor(i / 3);
      pen.fillStyle = item.colour;
      pen.fillRect(x, y - 10, 14, 11);
      pen.strokeStyle = "#777777";
      pen.strokeRect(x, y - 10, 14, 11);
      pen.fillStyle = "#1b1b1b";
      pen.fillText(item.label, x + 20, y);
    });
    var link = document.createElement("a");
    link.download = "jangkau.png";
    link.setAttribute("href", canvas.toDataURL("image/png"));
    link.click();
  }
  return { measuring: function () { return measuring; }, add: add };
};

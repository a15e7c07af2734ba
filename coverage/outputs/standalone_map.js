// Controls of the map that stands in one file: a switch between the layers and the sample mark.
function jangkauControls(layers, options) {
  "use strict";
  var container = jangkau.map().getContainer();
  function add(tag, id, text) {
    var element = document.createElement(tag);
    element.id = id;
    element.textContent = text;
    container.appendChild(element);
    return element;
  }
  if (options.badge) { add("div", "jangkau-badge", options.badge); }
  var box = add("div", "jangkau-layers", "");
  L.DomEvent.disableClickPropagation(box);
  options.layers.forEach(function (layer) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = layer[1];
    button.dataset.layer = layer[0];
    button.addEventListener("click", function () { show(layer[0]); });
    box.appendChild(button);
  });
  function show(name) {
    jangkau.paint(layers[name]);
    box.querySelectorAll("button").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.layer === name));
    });
  }
  show(options.first);
}

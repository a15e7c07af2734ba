// Draws the villages of a region on a Leaflet map. Everything that comes from data reaches the
// page as text (textContent), never as markup. `paint` may be called again and again: only colours
// and words change, the geometry stays.
window.jangkau = window.jangkau || (function () {
  "use strict";
  var map, renderer, villages, sites, extra, relief, signal, tried, tools, placing = false, tooltip, state, base, chosen = "", pressed = 0, unsure = {}, differs = {}, fitted = false, moved = false, drawing = 0;

  // Canvas renderer that hatches what is not known.
  var Hatching = L.Canvas.extend({
    _fillStroke: function (ctx, layer) {
      var options = layer.options;
      if (options.halo) { // a dark border is seen on dark paper too
        ctx.save();
        ctx.strokeStyle = "#ffffff";
        ctx.lineWidth = options.weight + 3;
        ctx.lineJoin = "round";
        ctx.stroke();
        ctx.restore();
      }
      L.Canvas.prototype._fillStroke.call(this, ctx, layer);
      if (!options.hatch) { return; }
      ctx.save();
      ctx.globalAlpha = 0.6;
      ctx.fillStyle = hatch(ctx);
      ctx.fill("evenodd");
      ctx.restore();
    }
  });

  function hatch(ctx) {
    var tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    var pen = tile.getContext("2d");
    // A dark line on a light one can be seen on every colour.
    [["#ffffff", 2.6], ["#4a4a4a", 1.1]].forEach(function (line) {
      pen.strokeStyle = line[0];
      pen.lineWidth = line[1];
      pen.beginPath();
      pen.moveTo(-2, 6); pen.lineTo(6, -2);
      pen.moveTo(2, 10); pen.lineTo(10, 2);
      pen.stroke();
    });
    return ctx.createPattern(tile, "repeat");
  }

  function line(parent, text, weight) {
    var row = document.createElement("div");
    row.textContent = text;
    if (weight) { row.style.fontWeight = weight; }
    parent.appendChild(row);
  }

  function hover(event, lines) {
    var box = document.createElement("div");
    lines.forEach(function (text, i) { if (text) { line(box, text, i ? "" : "600"); } });
    tooltip.setContent(box).setLatLng(event.latlng);
    if (!map.hasLayer(tooltip)) { tooltip.addTo(map); }
  }

  function leave() { map.removeLayer(tooltip); }

  function style(feature) {
    var code = feature.properties.code, item = null, index = -1;
    if (state) { index = state.classes[feature.order]; item = state.legend[index]; }
    var mine = code === chosen, other = differs[feature.order];
    return {
      renderer: renderer,
      fillColor: item ? item.colour : "#d9d9d6",
      fillOpacity: 0.82,
      hatch: !!(item && (item.hatched || unsure[feature.order])),
      halo: mine,
      color: mine || other ? "#111111" : "#ffffff",
      weight: mine ? (other ? 4.5 : 3) : other ? 1.7 : 0.7,
      opacity: mine || other ? 1 : 0.9
    };
  }

  function restyle() {
    villages.setStyle(style);
    // No neighbour may cover a dark border, and none that of the chosen village.
    villages.eachLayer(function (layer) { if (differs[layer.feature.order]) { layer.bringToFront(); } });
    villages.eachLayer(function (layer) {
      if (layer.feature.properties.code === chosen) { layer.bringToFront(); }
    });
    if (sites) { sites.eachLayer(function (mark) { mark.bringToFront(); }); }
  }

  function select(code) {
    chosen = code;
    restyle();
    pressed += 1;
    window.dispatchEvent(new CustomEvent("jangkau-select", { detail: { code: code, count: pressed } }));
  }

  // A click may be for the ruler or for a new tower instead of for a village.
  function pointed(at) {
    if (tools && tools.measuring()) { tools.add(at); return true; }
    if (placing) { window.dispatchEvent(new CustomEvent("jangkau-place", { detail: { lat: at.lat, lon: at.lng } })); }
    return placing;
  }

  function dot(point, options, lines) {
    var mark = L.circleMarker([point[0], point[1]], Object.assign({ renderer: renderer }, options));
    mark.on("mouseover mousemove", function (event) { hover(event, lines); });
    mark.on("mouseout", leave);
    return mark;
  }

  function drawExtra() {
    extra.clearLayers();
    (state.links || []).forEach(function (points) {
      [["#ffffff", 4], ["#1b1b1b", 1.8]].forEach(function (pen) {
        L.polyline(points, { renderer: renderer, color: pen[0], weight: pen[1], interactive: false }).addTo(extra);
      });
    });
    (state.builds || []).forEach(function (b) {
      dot(b, { radius: 5, color: "#ffffff", weight: 1.5, fillColor: "#111111", fillOpacity: 1 }, b.slice(2))
        .addTo(extra);
    });
    if (shown("jaringan")) {
      base.fibre.forEach(function (f) {
        dot(f, { radius: 4.5, color: "#111111", weight: 1.5, fillColor: "#f0e442", fillOpacity: 1 },
          [state.words.fibre + " " + f[2], f[3]]).addTo(extra);
      });
    }
    if (shown("fasilitas")) {
      base.facilities.forEach(function (f) {
        dot(f, { radius: 3, color: "#ffffff", weight: 1, fillColor: "#c51b7d", fillOpacity: 1 },
          [f[2], state.words.kinds[f[3]] || f[3]]).addTo(extra);
      });
    }
    if (state.tried) {
      dot(state.tried, { radius: 8, color: "#111111", weight: 2, fillColor: "#ffffff", fillOpacity: 1 },
        [state.words.tried]).addTo(extra);
    }
  }

  function shown(name) { return (state.show || []).indexOf(name) >= 0; }

  // Pictures under and over the villages: relief, and the signal where it is asked for.
  function drawPictures() {
    if (base.relief) {
      if (!relief) { relief = L.imageOverlay(base.relief.url, base.relief.bounds, { pane: "relief", interactive: false, alt: "" }); }
      if (shown("relief")) { relief.addTo(map); } else { relief.remove(); }
    }
    if (signal) { signal.remove(); signal = null; }
    if (state.signal) {
      signal = L.imageOverlay(state.signal.url, state.signal.bounds, { pane: "signal", interactive: false, alt: "" }).addTo(map);
    }
  }

  function drawSites() {
    sites.clearLayers();
    if (!state || !shown("menara")) { return; }
    base.sites.forEach(function (s) {
      dot(s, { radius: 2.6, color: "#ffffff", weight: 1, fillColor: "#3d3d3d", fillOpacity: 1 },
        [state.words.site + " " + s[2], s[3]]).addTo(sites);
    });
  }

  function legendItems() { return state.legend.concat(state.signal ? state.signal.legend : []); }

  function drawLegend() {
    var old = document.getElementById("jangkau-legend");
    if (old) { old.remove(); }
    if (!state.showLegend) { return; }
    var box = document.createElement("div");
    box.id = "jangkau-legend";
    line(box, state.legendTitle, "600");
    legendItems().forEach(function (item) {
      var row = document.createElement("div"), key = document.createElement("i");
      key.style.background = item.hatched
        ? "repeating-linear-gradient(135deg,#6b6b6b 0 1px," + item.colour + " 1px 5px)" : item.colour;
      row.appendChild(key);
      row.appendChild(document.createTextNode(item.label));
      box.appendChild(row);
    });
    if (state.differsLabel) {
      var row = document.createElement("div"), key = document.createElement("i");
      key.style.boxShadow = "inset 0 0 0 2px #111111";
      row.appendChild(key);
      row.appendChild(document.createTextNode(state.differsLabel));
      box.appendChild(row);
    }
    map.getContainer().appendChild(box);
    place();
  }

  // The corner where the legend hides the fewest villages; where there is room, the region steps aside.
  function corner(box) {
    if (!villages) { return; }
    var bounds = villages.getBounds(), room = box.offsetWidth + 20;
    var wide = map.latLngToContainerPoint(bounds.getNorthEast()).x - map.latLngToContainerPoint(bounds.getSouthWest()).x;
    var aside = Math.min(room, map.getSize().x - wide - 24);
    if (!moved && aside > 0) { fit(aside); }
    var size = map.getSize(), best = null, fewest = Infinity;
    [["bottom", "left"], ["bottom", "right"], ["top", "right"]].forEach(function (at) {
      var hidden = 0;
      villages.eachLayer(function (layer) {
        var own = layer.getBounds();
        if (!own.isValid()) { return; }
        var p = map.latLngToContainerPoint(own.getCenter());
        var x = at[1] === "left" ? p.x : size.x - p.x, y = at[0] === "top" ? p.y : size.y - p.y;
        if (x < box.offsetWidth + 20 && y < box.offsetHeight + 44) { hidden += 1; }
      });
      if (hidden < fewest) { fewest = hidden; best = at; }
    });
    ["top", "bottom", "left", "right"].forEach(function (side) { box.style[side] = best.includes(side) ? "10px" : "auto"; });
    if (best[0] === "bottom" && best[1] === "right") { box.style.bottom = "36px"; }
    if (best[0] === "top") { box.style.top = "44px"; }
  }

  // On a narrow screen the legend stands below the map instead of covering it.
  function place() {
    var container = map.getContainer(), box = document.getElementById("jangkau-legend");
    var below = box && window.innerWidth < 520;
    if (box) { box.classList.toggle("below", below); (below ? container.parentNode : container).appendChild(box); }
    container.style.height = below ? window.innerHeight - box.offsetHeight - 4 + "px" : "100vh";
    map.invalidateSize({ animate: false });
    if (!moved) { fit(); }
    if (box && !below) { corner(box); }
  }

  function apply() {
    if (!base || !state) { return; }
    chosen = state.selected || "";
    restyle();
    drawPictures();
    drawExtra();
    drawSites();
    drawLegend();
    var box = map.getContainer();
    box.setAttribute("role", "application");
    box.setAttribute("aria-label", [state.words.map, state.words.told, state.differsTold].filter(Boolean).join(" "));
    placing = !!state.placing;
    box.classList.toggle("jangkau-placing", placing);
    if (!tools) {
      tools = jangkauTools(map, state.words, legendItems, function () { return [state.title, state.mark].filter(Boolean).join(" · "); });
    }
    box.setAttribute("data-layer", state.name);
    box.setAttribute("data-selected", chosen);
    box.setAttribute("data-differs", String((state.differs || []).length));
  }

  function fit(aside) {
    if (!villages) { return; }
    fitted = false;
    map.fitBounds(villages.getBounds(), {
      paddingTopLeft: [8, 8], paddingBottomRight: [8 + (aside || 0), 8], animate: false
    });
    fitted = true;
  }

  // What was drawn of another region goes only when the new one is there.
  function clear() {
    if (villages) { villages.remove(); }
    if (relief) { relief.remove(); relief = null; }
    leave();
    moved = false;
  }

  function draw(data) {
    clear();
    base = data;
    data.villages.features.forEach(function (feature, i) { feature.order = i; });
    villages = L.geoJSON(data.villages, { style: style });
    villages.on("mouseover mousemove", function (event) {
      var feature = event.layer.feature;
      hover(event, [feature.properties.name, feature.properties.district, state && base ? state.values[feature.order] : ""]);
    });
    villages.on("mouseout", leave);
    villages.on("click", function (event) {
      L.DomEvent.stopPropagation(event);
      if (pointed(event.latlng)) { return; }
      select(event.layer.feature.properties.code);
    });
    villages.addTo(map);
    sites.addTo(map);
    extra.addTo(map);
    place();
    map.getContainer().setAttribute("data-villages", String(data.villages.features.length));
    apply();
  }

  function start(target, source) {
    base = null;
    drawing += 1;
    if (!map) { begin(target); }
    var mine = drawing;
    if (typeof source === "string") {
      fetch(source).then(function (reply) { return reply.json(); }).then(function (data) {
        if (mine === drawing) { draw(data); }
      });
    } else {
      draw(source);
    }
  }

  function begin(target) {
    map = target;
    map.attributionControl.remove();
    L.control.scale({ position: "bottomright", imperial: false }).addTo(map);
    renderer = new Hatching({ padding: 0.3 });
    map.createPane("relief").style.zIndex = 430;
    map.getPane("relief").classList.add("jangkau-relief");
    map.getPane("relief").style.pointerEvents = "none";
    map.createPane("signal").style.zIndex = 440;
    map.getPane("signal").style.pointerEvents = "none";
    map.on("click", function (event) { pointed(event.latlng); });
    tooltip = L.tooltip({ direction: "top", offset: [0, -6], sticky: true });
    sites = L.layerGroup();
    extra = L.layerGroup();
    // A frame that grows or shrinks keeps the whole region in sight until someone moves the map.
    map.on("dragstart zoomstart", function () { moved = fitted; });
    window.addEventListener("resize", place);
    place();
  }

  function paint(next) {
    state = next;
    unsure = {};
    next.uncertain.forEach(function (order) { unsure[order] = true; });
    differs = {};
    (next.differs || []).forEach(function (order) { differs[order] = true; });
    apply();
  }

  return {
    start: start,
    paint: paint,
    painted: function () { return !!state; },
    map: function () { return map; }
  };
})();

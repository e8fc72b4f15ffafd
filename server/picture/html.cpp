#include "server/picture/html.hpp"

#include <openssl/evp.h>

#include "proto/crypto/digest.hpp"
#include "server/picture/svg.hpp"

namespace chiploc {
namespace {

constexpr int kZoomDecimals = 2;  // of a pixel, of which one looks at hundredths

constexpr std::string_view kPageStyle = R"(
:root{color-scheme:light dark}
body{margin:0;background:#fff;color:#1b1f24}
main{max-width:1240px;margin:0 auto;position:relative}
.drawing{display:block;width:100%;height:auto}
.map{cursor:grab;touch-action:none}
.map:active{cursor:grabbing}
nav{position:absolute;left:2.8%;top:13.5%;display:flex;flex-direction:column;gap:4px}
button{width:32px;height:32px;border:1px solid #8a939c;border-radius:4px;background:#fffd;color:#1b1f24;font:18px sans-serif}
button:focus-visible,.map:focus-visible{outline:2px solid #0072b2}
@media (prefers-color-scheme:dark){body{background:#14181d;color:#e6e9ec}button{background:#14181dd0;color:#e6e9ec}}
@media print{nav{display:none}}
)";

constexpr std::string_view kScript = R"('use strict';
(() => {
  const map = document.querySelector('.map'), scale = document.querySelector('.scalebar');
  if (!map) return;
  const [hx, hy, hw, hh] = map.getAttribute('viewBox').split(' ').map(Number);
  const pins = [...map.querySelectorAll('.pin')].map(g => [g, g.getAttribute('transform')]);
  let x = hx, y = hy, zoom = 1;
  const roundLength = limit => {
    const power = 10 ** Math.floor(Math.log10(limit));
    return [5, 2].map(f => f * power).find(km => km <= limit) || power;
  };
  const show = () => {
    const w = hw / zoom, h = hh / zoom;
    x = Math.min(Math.max(x, hx - hw / 2), hx + 1.5 * hw - w);
    y = Math.min(Math.max(y, hy - hh / 2), hy + 1.5 * hh - h);
    map.setAttribute('viewBox', [x, y, w, h].join(' '));
    for (const [pin, place] of pins) pin.setAttribute('transform', place + ' scale(' + 1 / zoom + ')');
    if (!scale) return;
    const d = scale.dataset, left = Number(d.x), base = Number(d.y), perPixel = Number(d.km) / zoom;
    const km = roundLength(Number(d.longest) * perPixel), length = km / perPixel;
    scale.querySelector('path').setAttribute('d', 'M' + left + ' ' + (base - 5) + 'V' + base + 'H' + (left + length) + 'v-5');
    const words = scale.querySelector('text');
    words.setAttribute('x', left + length / 2);
    words.textContent = km < 1 ? Number((km * 1000).toPrecision(1)) + ' m' : km.toLocaleString('en') + ' km';
  };
  const at = event => {
    const box = map.getBoundingClientRect();
    return [x + (event.clientX - box.left) / box.width * hw / zoom, y + (event.clientY - box.top) / box.height * hh / zoom];
  };
  const zoomTo = (wanted, [px, py]) => {
    const next = Math.min(Math.max(wanted, 0.5), 32);
    x = px - (px - x) * zoom / next;
    y = py - (py - y) * zoom / next;
    zoom = next;
    show();
  };
  const middle = () => [x + hw / zoom / 2, y + hh / zoom / 2];
  const home = () => { x = hx; y = hy; zoom = 1; show(); };
  map.addEventListener('wheel', event => {
    event.preventDefault();
    zoomTo(zoom * Math.exp(-event.deltaY / (event.deltaMode ? 12 : 400)), at(event));
  }, {passive: false});
  const fingers = new Map();
  map.addEventListener('pointerdown', event => { map.setPointerCapture(event.pointerId); fingers.set(event.pointerId, event); });
  map.addEventListener('pointermove', event => {
    const last = fingers.get(event.pointerId);
    if (!last) return;
    const others = [...fingers.values()].filter(f => f.pointerId !== event.pointerId);
    if (others.length) {
      const far = f => Math.hypot(f.clientX - others[0].clientX, f.clientY - others[0].clientY) || 1;
      zoomTo(zoom * far(event) / far(last), at(others[0]));
    } else {
      const [ax, ay] = at(last), [bx, by] = at(event);
      x += ax - bx; y += ay - by;
      show();
    }
    fingers.set(event.pointerId, event);
  });
  for (const name of ['pointerup', 'pointercancel']) map.addEventListener(name, event => fingers.delete(event.pointerId));
  map.addEventListener('dblclick', event => zoomTo(zoom * 2, at(event)));
  const step = (dx, dy) => () => { x += dx * hw / zoom / 8; y += dy * hh / zoom / 8; show(); };
  const keys = {'+': () => zoomTo(zoom * 1.5, middle()), '=': () => zoomTo(zoom * 1.5, middle()), '-': () => zoomTo(zoom / 1.5, middle()),
    '0': home, ArrowLeft: step(-1, 0), ArrowRight: step(1, 0), ArrowUp: step(0, -1), ArrowDown: step(0, 1)};
  map.setAttribute('tabindex', '0');
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  const nav = document.createElement('nav');
  for (const [sign, name, key] of [['+', 'Zoom in', '+'], ['\u2212', 'Zoom out', '-'], ['\u25a1', 'Whole picture', '0']]) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = sign;
    button.title = name + ' (' + key + ')';
    button.setAttribute('aria-label', name);
    button.addEventListener('click', keys[key]);
    nav.append(button);
  }
  document.querySelector('main').append(nav);
})();
)";

}  // namespace

std::string policy_digest(std::string_view content) {
  const Digest digest = sha256(bytes_of(content));
  unsigned char text[64];
  const int length = EVP_EncodeBlock(text, digest.bytes.data(), static_cast<int>(digest.bytes.size()));
  return "'sha256-" + std::string{reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)} +
         "'";
}

std::string html_of(const Drawing& drawing) {
  const auto [style, picture] = svg_parts(drawing, kZoomDecimals);
  const std::string css = std::string{kPageStyle} + style;
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src " +
         policy_digest(css) + "; script-src " + policy_digest(kScript) +
         "; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         xml_text(drawing.title) + "</title>\n<style>" + css + "</style>\n</head>\n<body>\n<main>\n" +
         picture + "</main>\n<script>" + std::string{kScript} + "</script>\n</body>\n</html>\n";
}

}  // namespace chiploc

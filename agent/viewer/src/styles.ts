/**
 * The element's own style; it takes nothing from the page around it but its size and, where set, these custom properties.
 * No blur or blend over the picture: it would be computed anew for each frame, on machines that have no power to spare.
 */
export const styles = `
:host {
  --accent: var(--edgecam-accent, #5cc8b4);
  --warn: var(--edgecam-warn, #e3b563);
  --bad: var(--edgecam-bad, #e58377);
  display: block; position: relative; aspect-ratio: 16 / 9; min-width: 220px; overflow: hidden;
  background: var(--edgecam-background, #0a0d10); color: #e8edf0; border-radius: var(--edgecam-radius, 12px);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; -webkit-tap-highlight-color: transparent;
  container-type: inline-size;
}
:host([hidden]) { display: none; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.stage { position: absolute; inset: 0; background: inherit; outline: none; }
video { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; background: transparent; transition: opacity .3s, filter .3s; }
.stage:not([data-state=live]) video { opacity: .35; filter: saturate(.5); }
.stage:not([data-picture]) video { opacity: 0; }

.badge {
  position: absolute; top: 12px; left: 12px; display: flex; align-items: center; gap: 8px; padding: 5px 12px 5px 10px; max-width: calc(100% - 24px);
  background: rgb(10 13 16 / .72); border-radius: 99px; font-size: 13px; font-weight: 500;
}
.badge .name { opacity: .72; font-weight: 400; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.badge .words { white-space: nowrap; }
.dot { width: 8px; height: 8px; border-radius: 50%; background: var(--warn); flex: none; }
[data-state=live] .dot { background: var(--accent); box-shadow: 0 0 0 3px rgb(92 200 180 / .18); }
[data-state=refused] .dot { background: var(--bad); }
[data-state=idle] .dot { background: #76828a; }

.notice { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 6px; padding: 48px 24px 56px; text-align: center; }
[data-state=live] .notice { display: none; }
.notice .headline { font-size: clamp(17px, 2.6cqw, 24px); font-weight: 600; letter-spacing: -.01em; }
.notice .detail { color: #a9b4bb; max-width: 46ch; text-wrap: balance; min-height: 1.45em; }
.spinner { width: 34px; height: 34px; margin-bottom: 12px; border-radius: 50%; border: 3px solid rgb(255 255 255 / .12); border-top-color: var(--accent); animation: turn 1.1s linear infinite; }
[data-state=waiting-for-camera] .spinner, [data-state=waiting-for-device] .spinner { border-top-color: var(--warn); animation-duration: 2.4s; }
[data-state=refused] .spinner, [data-state=idle] .spinner { display: none; }
@keyframes turn { to { transform: rotate(1turn); } }
.again {
  margin-top: 14px; padding: 9px 20px; border: 0; border-radius: 99px; font: inherit; font-weight: 600; color: #06110f; background: var(--accent); cursor: pointer;
}
.again:hover { filter: brightness(1.1); }

.statistics {
  position: absolute; top: 50px; left: 12px; max-height: calc(100% - 112px); overflow: auto; padding: 12px 14px; border-radius: 12px; min-width: 236px;
  background: rgb(10 13 16 / .82); font-size: 12.5px; scrollbar-width: thin;
}
.statistics dl { display: grid; grid-template-columns: auto 1fr; gap: 2px 16px; margin: 0; font-variant-numeric: tabular-nums; }
.statistics dt { color: #97a3ab; }
.statistics dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
.statistics svg { display: block; width: 100%; height: 30px; margin: 0 0 8px; overflow: visible; }
.statistics polyline { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; stroke-linejoin: round; }

.bar {
  position: absolute; left: 0; right: 0; bottom: 0; display: flex; justify-content: flex-end; gap: 4px; padding: 28px 10px 10px;
  background: linear-gradient(transparent, rgb(5 7 9 / .6)); transition: opacity .3s;
}
.stage[data-quiet] .bar:not(:focus-within) { opacity: 0; }
.stage[data-quiet] { cursor: none; }
.bar button {
  display: grid; place-items: center; width: 42px; height: 42px; padding: 0; border: 0; border-radius: 10px; color: inherit; background: transparent; cursor: pointer;
}
.bar button:hover { background: rgb(255 255 255 / .14); }
.bar button[aria-pressed=true] { background: rgb(92 200 180 / .24); color: #bff0e5; }
.bar button:disabled { opacity: .35; cursor: default; background: none; }
.bar svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
button:focus-visible, .stage:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.stage:focus-visible { outline-offset: -2px; border-radius: inherit; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.flash { position: absolute; inset: 0; background: #fff; opacity: 0; pointer-events: none; }
.flash.on { animation: flash .35s ease-out; }
@keyframes flash { from { opacity: .7; } to { opacity: 0; } }
:host(:fullscreen) { border-radius: 0; }
@container (max-width: 480px) {
  .badge { top: 8px; left: 8px; }
  .statistics { left: 8px; top: 42px; max-height: calc(100% - 50px); padding: 8px 10px; font-size: 11.5px; min-width: 200px; }
  .statistics svg { display: none; }
  .notice { padding: 40px 16px 44px; }
  .spinner { width: 26px; height: 26px; margin-bottom: 4px; }
}
@media (prefers-reduced-motion: reduce) {
  .spinner { animation-duration: 6s; }
  .flash.on { animation: none; }
  video, .bar { transition: none; }
}
`;

/** A constructed sheet passes a content security policy without inline styles; browsers before 2023 lack it and load the file. */
export function applyStyles(root: ShadowRoot, styles: string, file: string): void {
  if ('adoptedStyleSheets' in root && 'replaceSync' in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [sheet];
  } else {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = new URL(file, import.meta.url).href;
    root.prepend(link);
  }
}

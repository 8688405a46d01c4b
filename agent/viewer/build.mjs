// Builds the viewer into dist/, or with --tests its unit tests into artifacts/.
import { build, transform } from 'esbuild';
import { cp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';

const common = { bundle: true, format: 'esm', target: ['es2022', 'safari16'], charset: 'utf8', legalComments: 'eof', logLevel: 'warning' };

if (process.argv.includes('--tests')) {
  await rm('artifacts', { recursive: true, force: true });
  const tests = (await readdir('test')).filter((name) => name.endsWith('.test.ts'));
  await build({
    ...common, entryPoints: tests.map((name) => `test/${name}`), outdir: 'artifacts', outExtension: { '.js': '.mjs' },
    platform: 'node', target: 'node20', sourcemap: 'inline', loader: { '.css': 'text' },
  });
} else {
  await rm('dist', { recursive: true, force: true });
  await mkdir('dist');
  const minify = !process.argv.includes('--debug');
  // The element is a file of its own, so that a page elsewhere can embed it with one script tag; the page imports that file.
  const minifyText = {
    name: 'minify-text',
    setup: (b) => b.onLoad({ filter: /\.css$/ }, async ({ path }) => ({ contents: (await transform(await readFile(path, 'utf8'), { loader: 'css', minify })).code, loader: 'text' })),
  };
  // A file beside it that only pages without a secure context fetch.
  const libraryStaysAFile = {
    name: 'library-stays-a-file',
    setup: (b) => b.onResolve({ filter: /^\.\/noble$/ }, () => ({ path: './edgecam-p256.js', external: true })),
  };
  await build({ ...common, entryPoints: { 'edgecam-viewer': 'src/element.ts' }, outdir: 'dist', platform: 'browser', minify, plugins: [minifyText, libraryStaysAFile] });
  await build({ ...common, entryPoints: { 'edgecam-p256': 'src/access/noble.ts' }, outdir: 'dist', platform: 'browser', minify });
  await build({
    ...common, entryPoints: { viewer: 'src/page.ts' }, outdir: 'dist', platform: 'browser', minify,
    plugins: [{
      name: 'element-stays-a-file',
      setup: (b) => b.onResolve({ filter: /\/element$/ }, () => ({ path: './edgecam-viewer.js', external: true })),
    }],
  });
  await build({ ...common, entryPoints: { 'viewer': 'src/page.css', 'edgecam-viewer': 'src/element.css', 'edgecam-controls': 'src/controls/controls.css' }, outdir: 'dist', minify });
  await cp('src/index.html', 'dist/index.html');
  for (const name of (await readdir('dist')).sort())
    console.log(`${name.padEnd(22)} ${(await stat(`dist/${name}`)).size}`);
}

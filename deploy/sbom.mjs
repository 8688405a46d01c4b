// node deploy/sbom.mjs VERSION RUNTIME: what is inside the program, as SPDX 2.3. Reads what the build restored: the NuGet packages of
// agent/EdgeCam.Agent for that runtime, and the npm packages that the viewer's bundle is made of.
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { homedir } from 'node:os';
import { createHash } from 'node:crypto';

const [version, runtime] = process.argv.slice(2);
if (!version || !runtime) {
  console.error('usage: node deploy/sbom.mjs VERSION RUNTIME');
  process.exit(2);
}

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const assets = read('agent/EdgeCam.Agent/obj/project.assets.json');
const target = Object.entries(assets.targets).find(([name]) => name.endsWith(`/${runtime}`));
if (!target) {
  console.error(`agent/EdgeCam.Agent was not restored for ${runtime}: run build-arm64.sh`);
  process.exit(1);
}

const folders = [...Object.keys(assets.packageFolders ?? {}), join(homedir(), '.nuget/packages')];

const hex = (base64) => Buffer.from(base64.trim(), 'base64').toString('hex');
const isCompiler = ({ name }) => name.endsWith('.DotNet.ILCompiler');

// What a restored package says of itself: its licence, and what its file's SHA-512 is.
function contents(path, nuspec) {
  const folder = folders.find((folder) => existsSync(join(folder, path, nuspec)));
  if (!folder) {
    console.error(`${path}/${nuspec} is in none of ${folders.join(', ')}: run build-arm64.sh`);
    process.exit(1);
  }
  const license = /<license type="expression">([^<]+)</.exec(readFileSync(join(folder, path, nuspec), 'utf8'))?.[1] ?? 'NOASSERTION';
  const sum = join(folder, path, `${path.replace('/', '.')}.nupkg.sha512`);
  return { license, sha512: hex(readFileSync(sum, 'utf8')) };
}

const nuget = Object.entries(target[1])
  .filter(([, library]) => library.type === 'package' && (library.runtime || library.native))
  .map(([key]) => {
    const [name, number] = key.split('/');
    const { path, files } = assets.libraries[key];
    return { name, version: number, purl: `pkg:nuget/${name}@${number}`, ...contents(path, files.find((file) => file.endsWith('.nuspec'))) };
  });

// The runtime, compiled into the program, and the compiler that did it come from packs, which are no dependencies of the project.
const framework = Object.values(assets.project.frameworks)[0];
const packs = (framework.downloadDependencies ?? [])
  .filter(({ name }) => [`Microsoft.AspNetCore.App.Runtime.${runtime}`, `Microsoft.NETCore.App.Runtime.NativeAOT.${runtime}`].includes(name) || isCompiler({ name }))
  .map(({ name, version: range }) => {
    const number = /\[([^,\]]+)/.exec(range)[1].trim();
    const path = `${name}/${number}`.toLowerCase();
    return { name, version: number, purl: `pkg:nuget/${name}@${number}`, ...contents(path, `${name.toLowerCase()}.nuspec`) };
  });

// The published file of mqtt has its own dependencies inside, so whatever is no tool of the build counts.
const locked = read('agent/viewer/package-lock.json').packages;
const npm = Object.entries(locked)
  .filter(([path, entry]) => path.startsWith('node_modules/') && !entry.dev && !entry.optional)
  .map(([path, entry]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const sha512 = /^sha512-(.*)$/.exec(entry.integrity ?? '')?.[1];
    return {
      name, version: entry.version, purl: `pkg:npm/${name.replace('@', '%40')}@${entry.version}`, license: entry.license ?? 'NOASSERTION',
      ...(sha512 && { sha512: hex(sha512) }),
    };
  });

// Used where the system has them, and never bundled.
const system = [['libc6'], ['libssl', 'libssl3'], ['libcrypto', 'libssl3'], ['libgpiod', 'libgpiod2'], ['libavcodec', 'libavcodec59']].map(([name, source = name]) => ({
  name, version: 'system', purl: `pkg:deb/debian/${source}`, license: 'NOASSERTION', optional: ['libgpiod', 'libavcodec'].includes(name),
}));

const id = (kind, item) => `SPDXRef-${kind}-${`${item.name}-${item.version}`.replace(/[^A-Za-z0-9.-]/g, '-')}`;
const describe = (kind) => (item) => ({
  SPDXID: id(kind, item), name: item.name, versionInfo: item.version, downloadLocation: 'NOASSERTION', filesAnalyzed: false, copyrightText: 'NOASSERTION',
  licenseConcluded: 'NOASSERTION', licenseDeclared: item.license,
  ...(item.sha512 && { checksums: [{ algorithm: 'SHA512', checksumValue: item.sha512 }] }),
  externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: item.purl }],
});
const byName = (left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0);
const groups = [['NuGet', [...nuget, ...packs].sort(byName)], ['Npm', npm.sort(byName)], ['System', system]];
const relate = (kind) => (item) => isCompiler(item) || item.optional
  ? { spdxElementId: id(kind, item), relationshipType: isCompiler(item) ? 'BUILD_TOOL_OF' : 'OPTIONAL_DEPENDENCY_OF', relatedSpdxElement: 'SPDXRef-EdgeCam' }
  : { spdxElementId: 'SPDXRef-EdgeCam', relationshipType: kind === 'System' ? 'DEPENDS_ON' : 'CONTAINS', relatedSpdxElement: id(kind, item) };
const parts = groups.flatMap(([kind, items]) => items.map(describe(kind)));
const digest = createHash('sha256').update(JSON.stringify([version, runtime, parts])).digest('hex');

process.stdout.write(`${JSON.stringify({
  spdxVersion: 'SPDX-2.3', dataLicense: 'CC0-1.0', SPDXID: 'SPDXRef-DOCUMENT', name: `edgecam-${version}-${runtime}`,
  documentNamespace: `https://spdx.org/spdxdocs/edgecam-${version}-${runtime}-${digest.slice(0, 32)}`,
  creationInfo: { created: new Date(Number(process.env.SOURCE_DATE_EPOCH ?? 0) * 1000).toISOString().replace('.000', ''), creators: ['Tool: edgecam deploy/sbom.mjs'] },
  packages: [
    { SPDXID: 'SPDXRef-EdgeCam', name: 'edgecam', versionInfo: version, downloadLocation: 'NOASSERTION', filesAnalyzed: false, licenseConcluded: 'Apache-2.0', licenseDeclared: 'Apache-2.0', copyrightText: 'NOASSERTION' },
    ...parts,
  ],
  relationships: [
    { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: 'SPDXRef-EdgeCam' },
    ...groups.flatMap(([kind, items]) => items.map(relate(kind))),
  ],
}, null, 2)}\n`);

// SPDX-License-Identifier: Apache-2.0
// Builds the map into ../build/web, or into $CANOPY_WEB_OUT: plain files that the server reads at start.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** The folder of the package that a bundled module comes from. */
function packageFolder(moduleId) {
  const at = moduleId.lastIndexOf('/node_modules/');
  if (at < 0) return null;
  const below = moduleId.slice(at + '/node_modules/'.length).split('/');
  const name = below[0].startsWith('@') ? below.slice(0, 2).join('/') : below[0];
  return moduleId.slice(0, at) + '/node_modules/' + name;
}

/** licences.txt: the licence of every package of which code is in the bundle. */
function licences() {
  return {
    name: 'licences',
    generateBundle(_options, bundle) {
      const folders = new Set();
      for (const chunk of Object.values(bundle))
        for (const id of chunk.type === 'chunk' ? chunk.moduleIds : []) {
          const folder = packageFolder(id.replace('\0', '').split('?')[0]);
          if (folder) folders.add(folder);
        }
      const parts = [];
      for (const folder of [...folders].sort()) {
        const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
        const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
        const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${about.license}`;
        parts.push(`${about.name} ${about.version} (${about.license})\n\n${text}`);
      }
      const head = 'The map contains code of these packages.\n';
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: [head, ...parts].join('\n\n' + '-'.repeat(80) + '\n\n') + '\n' });
    },
  };
}

/** x.gz beside each text that shrinks, so that the server need not compress. */
function compressed() {
  return {
    name: 'compressed',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const [fileName, output] of Object.entries(bundle)) {
        const bytes = Buffer.from(output.type === 'chunk' ? output.code : output.source);
        const small = gzipSync(bytes, { level: 9 });
        if (small.length < 0.9 * bytes.length) this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source: small });
      }
    },
  };
}

export default {
  base: './',
  build: {
    outDir: process.env.CANOPY_WEB_OUT ?? '../build/web',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    modulePreload: { polyfill: false },
  },
  plugins: [licences(), compressed()],
};

/**
 * The licences of the packages that are bundled into the executable.
 *
 *   build.ts: esbuild's metafile → thirdPartyNotices → a text in the executable
 *
 * MIT and ISC ask for their notice to go with every copy, and the executable is one file: so the texts go inside.
 * Which packages those are is read from the metafile, never listed by hand; only packages with a file in the bundle
 * count. Their texts come from node_modules.
 *
 * Failure: a package without a licence file throws, and the build ends there. What may be distributed is for a
 * human to look at.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Metafile } from 'esbuild'

const checkout = join(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * The notices of all packages in a bundle, by name: for each a line `NAME VERSION (LICENCE)` and the text of its
 * licence file, separated by rules. Empty if nothing of any package is in it. The metafile's paths are relative to
 * `root`. Throws Error if a package has no licence file.
 */
export function thirdPartyNotices(metafile: Metafile, root: string = checkout): string {
  const folders = new Set(Object.keys(metafile.inputs).flatMap(packageFolder))
  return [...folders]
    .map(folder => notice(root, folder))
    .sort()
    .join(`\n${'-'.repeat(72)}\n\n`)
}

/** `node_modules/a/lib/x.js` → `node_modules/a`; also scoped and nested packages; nothing for a file of our own. */
function packageFolder(path: string): string[] {
  const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0]
  return folder === undefined ? [] : [folder]
}

function notice(root: string, folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const file = readdirSync(join(root, folder)).find(entry => /^licen[cs]e\b/i.test(entry))
  if (file === undefined) throw new Error(`${folder} is bundled and has no licence file`)
  const text = readFileSync(join(root, folder, file), 'utf8')
    .replaceAll('\r\n', '\n')
    .trim()
  return `${name} ${version} (${license})\n\n${text}\n`
}

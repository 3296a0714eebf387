/**
 * Checks who imports whom (`npm run check:imports`).
 *
 * Bundles both programs and holds every import that esbuild found against the table in import-rules.ts. Prints
 * each violation with its rule and the reason for it, and exits with status 1 if there is one.
 */
import { bundle } from './build.ts'
import { findViolations, importsOf } from './import-rules.ts'

const { requestPath, commandLine } = await bundle()
const imports = { requestPath: importsOf(requestPath), commandLine: importsOf(commandLine) }
const violations = findViolations(imports.requestPath, imports.commandLine)
for (const { from, to, rule, reason } of violations)
  console.log(`${from} imports ${to}\n  rule:   ${rule}\n  reason: ${reason}`)
console.log(`${imports.requestPath.length + imports.commandLine.length} imports, ${violations.length} violations`)
process.exitCode = violations.length > 0 ? 1 : 0

/**
 * V8's optimizing compiler, and when a process does without it.
 *
 *   serve.ts, behind the hundredth answer of a process → stopOptimizing
 *
 * smtpd(8) asks for a hundred connections and is gone, and our process with it. Until then V8 has found nothing worth
 * optimizing, as far as that depends on us (cache/slots.ts, policy/attributes.ts). A process that lasts longer, because
 * mails come over connections that do or max_use is set higher, would have all its loops compiled now; that takes as long
 * as answering hundreds of requests, and what is gained is little, for most of an answer is system calls. So V8 goes on
 * with what it has. `npm run bench:postfix -- --max-use 1000` shows the difference.
 *
 * Not for daemons, which answer millions. Not sooner: loading node:v8 takes longer than answering twenty requests.
 *
 * A program that is loaded later was compiled for other flags and is compiled anew (prepared.ts), once in the life of the
 * process.
 *
 * Failure: V8 takes a flag that it does not know for a mistake of the user's, and prints that to descriptor 2, which
 * leads nowhere; the process then goes on as it was.
 * Source: v8.setFlagsFromString of Node, which asks for care with flags that change what compiled code relies on; this one
 * only keeps more from being compiled.
 */

/** From now on no function is optimized; those that are stay so. */
export function stopOptimizing(): void {
  process.getBuiltinModule('node:v8').setFlagsFromString('--no-opt')
}

/**
 * The version, and how one process of this program asks another for it.
 *
 *   daemon/who-answers.ts: a request that consists of VERSION_QUESTION → decide.ts → `DUNNO policyd-weight 0.2.0`
 *
 * An empty sender is answered DUNNO by every version and by the Perl original, without a lookup; ours looks at `instance`
 * then, which Postfix makes itself and no client can choose.
 *
 * Total.
 */

/** Put here by the build. */
declare const POLICYD_WEIGHT_VERSION: string

/** `'0.2.0'`; a source file that runs by itself has none. */
export const VERSION = typeof POLICYD_WEIGHT_VERSION === 'undefined' ? 'unbuilt' : POLICYD_WEIGHT_VERSION

/** The `instance` of a request that asks for it. */
export const VERSION_QUESTION = 'policyd-weight-version'

/** What the answer to it begins with. */
export const VERSION_ANSWER = 'DUNNO policyd-weight '

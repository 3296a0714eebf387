/**
 * What is assigned to a parameter, and what comes of it: the words that value.ts and the readers of lists and zones share.
 */
import type { Scalar } from '../language/scalar.ts'

/** Reports what is odd about a value: `warn(scalar, 'is …')`. */
export type Warn = (
  where: { readonly at: number; readonly end: number },
  message: string,
  code?: 'odd-value' | 'bad-pattern' | 'key-file' | 'key-missing',
) => void

/** An assignment's values, and its extent for what is wrong with all of them. */
export interface AssignedValues {
  readonly at: number
  readonly end: number
  readonly scalars: readonly Scalar[]
}

/** What a parameter is worth. */
export interface Value {
  readonly value: unknown
}

/**
 * What matching may cost: a number of steps, counted by the matchers.
 *
 * A step is an instruction looked at, or a character: 0.1 to 0.3 µs of a process that has just been started. One account
 * is for a request, however many patterns there are.
 */
export class Steps {
  left: number

  constructor(most: number) {
    this.left = most
  }
}

/** What one participant counts since its start. Whoever sees it happen adds one: on the way of each frame nothing else is affordable. */
export class Tally {
  framesIn = 0
  framesOut = 0
  credits = 0
  resumes = 0
  lateFrames = 0
  retries = 0
}

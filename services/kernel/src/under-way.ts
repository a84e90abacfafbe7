/** Far shorter than anybody's deadline, and longer than what is waited for takes on a busy day. */
const PATIENCE_MILLISECONDS = 2000

/** What this process is doing just now, by a key: who comes second waits a moment, and finds it done. */
export interface UnderWay {
  /** Lets others know of the work while it lasts. */
  during<T>(key: string, work: () => Promise<T>): Promise<T>
  /**
   * Waits for the work under this key, however it ends, or until patience does. False when there was none. It saves
   * doing things twice and promises nothing: guards in the database do.
   */
  waited(key: string): Promise<boolean>
}

export function createUnderWay(): UnderWay {
  const running = new Map<string, Promise<unknown>>()
  return {
    async during(key, work) {
      const mine = Promise.try(work)
      running.set(key, mine)
      try {
        return await mine
      } finally {
        if (running.get(key) === mine) running.delete(key)
      }
    },
    async waited(key) {
      const theirs = running.get(key)
      if (!theirs) return false
      const { promise: patienceEnds, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, PATIENCE_MILLISECONDS)
      await Promise.race([theirs.catch(() => {}), patienceEnds])
      clearTimeout(timer)
      return true
    },
  }
}

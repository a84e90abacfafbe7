import type { Ending, Running } from "./child.ts"

/** Something to keep running. Units are listed in the order of their needs; the order of stopping is the reverse. */
export type Unit = {
  name: string
  /** Names of units that must be ready before. */
  needs: string[]
  start: () => Running
  /** Resolves when it can do its work. */
  ready: (running: Running) => Promise<void>
  /** A task, such as a migration: it is ready when it has ended well, and does not stay. */
  task?: true
}

export type Supervisor = {
  /** Starts everything. Rejects when a unit dies or is not ready in time; what did start is still to be stopped. */
  start: () => Promise<void>
  /** Drains one after the other, all of it within 5 s. A second call kills what is left. */
  stop: () => Promise<void>
  /** Rejects when a unit dies later and is not to be restarted. Never resolves. */
  failed: Promise<never>
}

const READY_SECONDS = 60
/** For all units together, the last of them, PostgreSQL, with a second of its own. */
const STOP_MILLISECONDS = 4700
const DRAIN_MILLISECONDS = 2000
/** Who lived this long after a restart starts with the shortest pause again. */
const STEADY_MILLISECONDS = 15_000
/** What waits for a process that dies again and again, such as a paid booking, waits no longer than this. */
const LONGEST_PAUSE_SECONDS = 5

export function supervise(units: Unit[], options: { restart: boolean; print: (line: string) => void }): Supervisor {
  const { print } = options
  const running = new Map<string, Running>()
  const pauses = new Map<string, number>()
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {}) // it may come while nobody listens
  let stopping: Promise<void> | undefined

  async function start() {
    const ready = new Map<string, Promise<void>>()
    for (const unit of units) {
      const needs = Promise.all(unit.needs.map((name) => ready.get(name)))
      ready.set(
        unit.name,
        needs.then(() => bring(unit)),
      )
    }
    await Promise.all(ready.values())
  }

  /** Starts one unit and waits until it is ready; a death before that rejects, one after that is `died`. */
  async function bring(unit: Unit) {
    if (stopping) throw new Error(`${unit.name} was not started: Airside is stopping`)
    const current = unit.start()
    running.set(unit.name, current)
    let readyTime: number | undefined
    const ended = current.ended.then((ending) => {
      running.delete(unit.name)
      if (readyTime !== undefined && !stopping) {
        if (Date.now() - readyTime > STEADY_MILLISECONDS) pauses.delete(unit.name)
        died(unit, ending)
      }
      return ending
    })
    if (unit.task) {
      const ending = await ended
      if (ending.code !== 0) throw new Error(obituary(unit, ending))
      return
    }
    await Promise.race([
      unit.ready(current),
      ended.then((ending) => Promise.reject(new Error(obituary(unit, ending)))),
      rejectLater(READY_SECONDS, `${unit.name} was not ready within ${READY_SECONDS} s`),
    ])
    readyTime = Date.now()
  }

  async function died(unit: Unit, ending: Ending) {
    if (!options.restart) return failure.reject(new Error(obituary(unit, ending)))
    print(obituary(unit, ending))
    while (!stopping) {
      const seconds = pauses.get(unit.name) ?? 0.5
      pauses.set(unit.name, Math.min(seconds * 2, LONGEST_PAUSE_SECONDS))
      print(`${unit.name} is restarted in ${seconds} s`)
      await Bun.sleep(seconds * 1000)
      try {
        await bring(unit)
        return print(`${unit.name} is ready again`)
      } catch (error) {
        if (!stopping) print((error as Error).message)
        running.get(unit.name)?.kill()
      }
    }
  }

  async function stopAll() {
    const end = Date.now() + STOP_MILLISECONDS
    for (const { name } of units.toReversed()) {
      const current = running.get(name)
      if (!current) continue
      current.stop()
      const reserved = name === units[0]?.name ? 0 : 1000
      const milliseconds = Math.min(DRAIN_MILLISECONDS, end - reserved - Date.now())
      const gone = await Promise.race([current.ended, Bun.sleep(Math.max(milliseconds, 100))])
      if (gone) continue
      print(`${name} did not leave in time and is killed`)
      current.kill()
      await current.ended
    }
  }

  function stop(): Promise<void> {
    if (stopping) for (const current of running.values()) current.kill()
    stopping ??= stopAll()
    return stopping
  }

  return { start, stop, failed: failure.promise }
}

function obituary({ name, task }: Unit, { how, lastLines }: Ending): string {
  const lines = lastLines.map((line) => `    ${line}`).join("\n")
  return `${name} ${task ? "failed" : "died"} (${how})${lines ? `; its last lines:\n${lines}` : ""}`
}

function rejectLater(seconds: number, message: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(message)), seconds * 1000).unref()
  })
}

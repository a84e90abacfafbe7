/**
 * Ends this process in good order: on SIGTERM, on Ctrl-C, and when the launcher that started it is gone. The launcher
 * starts its children with an IPC channel, which the operating system closes with it even when it is killed; a process
 * that was started by hand or by a container engine has none and obeys signals alone.
 * `shutdown` drains: no new work, finish what runs, close the pools. After `limitMilliseconds` the process leaves anyway.
 */
export function leaveWithSupervisor(shutdown: () => Promise<unknown>, limitMilliseconds = 4000): void {
  let leaving = false
  const leave = async () => {
    if (leaving) return
    leaving = true
    setTimeout(() => process.exit(1), limitMilliseconds)
    try {
      await shutdown()
      process.exit(0)
    } catch (error) {
      console.error(error)
      process.exit(1)
    }
  }
  process.on("SIGTERM", leave)
  process.on("SIGINT", leave)
  if (process.send) process.on("disconnect", leave)
}

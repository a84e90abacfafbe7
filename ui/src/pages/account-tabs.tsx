const TABS = [
  ["/account", "Profile"],
  ["/account/loyalty", "Points"],
  ["/account/cards", "Cards"],
  ["/account/payments", "Payments"],
] as const

/** The pages of an account, above each of them. */
export function AccountTabs({ current }: { current: (typeof TABS)[number][0] }) {
  return (
    <nav class="tabs" aria-label="Account">
      {TABS.map(([path, words]) => (
        <a href={path} aria-current={path === current ? "page" : undefined}>
          {words}
        </a>
      ))}
    </nav>
  )
}

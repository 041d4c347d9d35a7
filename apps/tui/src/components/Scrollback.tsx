import { Static, Text } from "ink"

/** A line that is printed once above the footer and then belongs to the terminal. */
export interface ScrollbackLine {
  readonly seq: number
  readonly text: string
}

/** Each line once, in order: the list may only grow. */
export const Scrollback = ({ lines }: { readonly lines: ReadonlyArray<ScrollbackLine> }) => (
  <Static items={[...lines]}>
    {({ seq, text }) => (
      <Text key={seq} wrap="truncate">
        {text}
      </Text>
    )}
  </Static>
)

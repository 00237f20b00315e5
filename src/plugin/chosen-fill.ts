import type { FillDescription, TargetDescription } from '../wire/selection.ts';

/** The image fills of a layer, topmost first, and which of them is worked on unless another is chosen. */
export function chosenFill(
  fills: FillDescription[],
): Pick<TargetDescription, 'fills' | 'fillIndex' | 'notes'> {
  return {
    fills,
    fillIndex: (fills.find(({ visible }) => visible) ?? fills[0]!).index,
    notes: fills.length > 1 ? [`${fills.length} image fills: the topmost visible one is taken.`] : [],
  };
}

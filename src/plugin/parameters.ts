/** What a quick action was asked for: qualities and factors, as they are suggested and typed. */
import { QUALITIES, type Quality, SCALE_RANGE } from '../engine/choices.ts';

/** What Figma's menu offers while one is typed. */
export function suggest({ key, query, result }: ParameterInputEvent): void {
  const matching = suggestions(key).filter(({ name }) => name.toLowerCase().includes(query.toLowerCase()));
  if (key === 'factor' && matching.length === 0 && factorIn(query) === undefined)
    result.setError('The factor is a number above 1, at most 8.');
  else result.setSuggestions(matching);
}

function suggestions(key: string): { name: string; data: string | number }[] {
  if (key === 'quality')
    return [
      { name: 'Fast', data: 'fast' },
      { name: 'Balanced', data: 'balanced' },
      { name: 'Best', data: 'best' },
    ];
  return [1.5, 2, 3, 4, 6, 8].map((factor) => ({ name: `${factor}×`, data: factor }));
}

export function qualityOf({ quality }: ParameterValues): Quality | undefined {
  return QUALITIES.find((known) => known === quality);
}

export function factorOf(command: string, { factor }: ParameterValues): number | undefined {
  if (command === 'upscale2') return 2;
  if (command === 'upscale4') return 4;
  return factorIn(factor);
}

/** A factor as it is typed or suggested: 2.5, "2.5", "2.5×"; undefined where there is none. */
function factorIn(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number.parseFloat(value) : value;
  return typeof number === 'number' && number > SCALE_RANGE.min && number <= SCALE_RANGE.max
    ? number
    : undefined;
}

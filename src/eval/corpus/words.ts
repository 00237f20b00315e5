import type { Dice } from './dice.ts';
import type { Face } from './fonts.ts';

const split = (text: string) => text.split(' ');

/** Words of each script, and a face that has them. */
export const SCRIPTS = {
  latin: {
    faces: ['sans', 'serif', 'mono'],
    words: split(
      'Monday invoice river quick Save Total amount due 1,284.90 balcony jigsaw kiln Zürich façade winter minimum ' +
        'illustration 31/12 (draft) e.g. Account settings fuzzy vox query 40% naïve lilliputian hill; "quote" & plan',
    ),
  },
  greek: {
    faces: ['sans', 'serif', 'mono'],
    words: split(
      'θάλασσα Σύνολο λογαριασμός ημέρα ξύλο ψάρι φως κήπος 27,50 βιβλίο ώρα Αθήνα γράμμα δρόμος ύψος',
    ),
  },
  cyrillic: {
    faces: ['sans', 'serif', 'mono'],
    words: split(
      'жизнь Итого счёт объём щука яблоко 1 284,90 Москва фильтр юла эхо цифра шрифт вечер Й ёлка поїзд',
    ),
  },
  hebrew: {
    faces: ['hebrew'],
    words: split('שלום עולם חשבון סכום לתשלום יום שני נהר ספר עיר מים אור 2024 קשת'),
  },
  arabic: {
    faces: ['arabic'],
    words: split('مرحبا بالعالم حساب المجموع يوم كتاب مدينة نهر شمس قمر طريق بيت ٣٤٥'),
  },
  devanagari: {
    faces: ['devanagari'],
    words: split('नमस्ते दुनिया कुल राशि पुस्तक नदी शहर सूर्य चन्द्र क्षत्रिय वृक्ष १२३'),
  },
  japanese: {
    faces: ['japanese'],
    words: split('日本語 合計 設定 保存 川 図書館 テスト ファイル こんにちは 東京 月曜日 電車'),
  },
} as const satisfies Record<string, { faces: readonly Face[]; words: readonly string[] }>;
export type Script = keyof typeof SCRIPTS;

/** A line of words of about that many letters. */
export function phrase(dice: Dice, letters: number, script: Script = 'latin'): string {
  const words: string[] = [dice.pick<string>(SCRIPTS[script].words)];
  while (words.join(' ').length < letters) words.push(dice.pick<string>(SCRIPTS[script].words));
  return words.join(' ');
}

/** A short label of an interface. */
export const label = (dice: Dice) =>
  dice.pick(
    split(
      'File Edit View Insert Format Window Help Cancel OK Apply Rename Duplicate Export Share Undo Redo Print',
    ),
  );

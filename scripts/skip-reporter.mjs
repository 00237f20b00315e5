// Lists the tests that were skipped, each with its reason, so that no skip passes unseen.
export default class SkipReporter {
  onInit(vitest) {
    this.filtered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules) {
    const reasons = new Map();
    for (const module of modules)
      for (const test of module.children.allTests('skipped')) {
        const result = test.result();
        // With -t, every other test counts as skipped.
        if (this.filtered && !result.note) continue;
        const reason = (result.state === 'skipped' && result.note) || 'no reason given';
        reasons.set(reason, [
          ...(reasons.get(reason) ?? []),
          `${module.relativeModuleId} > ${test.fullName}`,
        ]);
      }
    for (const [reason, names] of reasons) {
      console.log(`\nSkipped ${names.length}: ${reason}`);
      for (const name of names) console.log(`  ↓ ${name}`);
    }
  }
}

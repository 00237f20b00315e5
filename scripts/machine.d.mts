export interface VulkanDriver {
  kind: 'swiftshader' | 'environment' | 'system';
  env: Record<string, string>;
}
export function findChromium(env?: NodeJS.ProcessEnv): string | undefined;
export function findVulkan(env?: NodeJS.ProcessEnv): VulkanDriver | undefined;
export function testEnvironment(env?: NodeJS.ProcessEnv): Record<string, string>;

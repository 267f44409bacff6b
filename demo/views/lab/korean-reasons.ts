import type { BackendChoice, Execution } from 'facenet-web';

const milliseconds = new Intl.NumberFormat('ko', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** The library's reasons against a backend, which are English, in Korean. */
const rejections: readonly (readonly [RegExp, korean: string])[] = [
  [/no WebGPU adapter/, '이 브라우저는 WebGPU를 제공하지 않습니다'],
  [/WebGPU is emulated in software/, '이\u00a0기기에서는 WebGPU를 소프트웨어로 에뮬레이션하므로 느립니다'],
  [/WebGPU device was lost/, 'WebGPU 장치가 중단되었습니다'],
  [/no WebGL 2 context/, '이 브라우저는 WebGL 2를 제공하지 않습니다'],
  [/WebGL is emulated in software/, '이\u00a0기기에서는 WebGL을 소프트웨어로 에뮬레이션하므로 느립니다'],
  [/WebGL context was lost/, 'WebGL 컨텍스트가 중단되었습니다'],
  [/no WebAssembly SIMD/, '이 브라우저는 WebAssembly SIMD를 지원하지 않습니다'],
  [/no additional thread/, '추가 스레드를 시작하지 못했습니다'],
];

/**
 * Why the models run on a backend, in Korean.
 *
 * @param requested the backend that the user chose, or how it is chosen.
 */
export function koreanChoice({ name, threads, measured }: BackendChoice, requested: string): string {
  const times = measured?.map((each) => `${each.name} ${milliseconds.format(each.milliseconds)} ms`).join(', ');
  const first = '이\u00a0기기에서 모델을 올바르게 실행하는 첫 번째 백엔드입니다';
  const reason = requested === name ? '직접 선택한 백엔드입니다' : times ? `측정하여 골랐습니다(${times})` : first;
  return threads > 1 ? `${reason}. 스레드 ${threads}개를 사용합니다` : reason;
}

/** Why a backend was rejected, in Korean. Undefined for the message of an unexpected error. */
export function koreanRejection(reason: string): string | undefined {
  return rejections.find(([pattern]) => pattern.test(reason))?.[1];
}

/** Why the models run in a worker or on the page, in Korean. */
export function koreanExecution({ name }: Execution): string {
  return name === 'worker' ? '모델을 실행하는 동안에도 페이지가 멈추지 않습니다' : '워커를 시작하지 못했습니다';
}

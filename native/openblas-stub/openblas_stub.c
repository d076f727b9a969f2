/*
 * Stands in for libopenblas.so.0, which libopencv_core names as needed and calls only from its
 * linear algebra (gemm, solve, SVD, ...). Decoding pictures calls none of that, and the real
 * library costs 40 MB on disk and 20 to 80 ms of every start.
 *
 * The names are the undefined cblas_* and LAPACK symbols of OpenCV 4.13.0's libopencv_core:
 *   nm -D --undefined-only libopencv_core.so.413 | grep -E 'cblas_|[sd][a-z]+_$'
 * Each says what happened and ends the process: a wrong result would be worse.
 */
extern long write(int, const void *, unsigned long);
extern void abort(void) __attribute__((noreturn));

#define STUB(name)                                                                        \
  __attribute__((visibility("default"), noreturn)) void name(void) {                      \
    static const char text[] =                                                            \
        "alexnet-edge: OpenCV called " #name ", which is left out; put the real"          \
        " libopenblas.so.0 in front (LD_PRELOAD) to use OpenCV's linear algebra.\n";      \
    (void)!write(2, text, sizeof text - 1);                                               \
    abort();                                                                              \
  }

STUB(cblas_sgemm)
STUB(cblas_dgemm)
STUB(cblas_cgemm)
STUB(cblas_zgemm)
STUB(sposv_)
STUB(dposv_)
STUB(sgesdd_)
STUB(dgesdd_)
STUB(sgeqrf_)
STUB(dgeqrf_)
STUB(sgesv_)
STUB(dgesv_)
STUB(sgels_)
STUB(dgels_)
STUB(sgetrf_)
STUB(dgetrf_)
STUB(spotrf_)
STUB(dpotrf_)

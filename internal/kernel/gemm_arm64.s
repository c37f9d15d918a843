// NEON micro-kernel, written by hand: avo knows x86 only.
#include "textflag.h"

// ROW does one row of the tile: broadcast the next element of A, multiply into three vectors.
#define ROW(A, C0, C1, C2) \
	VLD1R.P 4(R1), [A.S4] \
	VFMLA   V0.S4, A.S4, C0.S4 \
	VFMLA   V1.S4, A.S4, C1.S4 \
	VFMLA   V2.S4, A.S4, C2.S4

// func tileNEON(k int, a, b, c *float32)
// c (8 x 12, contiguous) += a panel of 8 rows times a panel of 12 columns.
TEXT ·tileNEON(SB), NOSPLIT, $0-32
	MOVD k+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	MOVD c+24(FP), R3
	MOVD R3, R4
	VLD1.P 64(R4), [V8.S4, V9.S4, V10.S4, V11.S4]
	VLD1.P 64(R4), [V12.S4, V13.S4, V14.S4, V15.S4]
	VLD1.P 64(R4), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1.P 64(R4), [V20.S4, V21.S4, V22.S4, V23.S4]
	VLD1.P 64(R4), [V24.S4, V25.S4, V26.S4, V27.S4]
	VLD1.P 64(R4), [V28.S4, V29.S4, V30.S4, V31.S4]
	CBZ R0, done

loop:
	VLD1.P 48(R2), [V0.S4, V1.S4, V2.S4]
	ROW(V3, V8, V9, V10)
	ROW(V4, V11, V12, V13)
	ROW(V5, V14, V15, V16)
	ROW(V6, V17, V18, V19)
	ROW(V3, V20, V21, V22)
	ROW(V4, V23, V24, V25)
	ROW(V5, V26, V27, V28)
	ROW(V6, V29, V30, V31)
	SUB $1, R0
	CBNZ R0, loop

done:
	VST1.P [V8.S4, V9.S4, V10.S4, V11.S4], 64(R3)
	VST1.P [V12.S4, V13.S4, V14.S4, V15.S4], 64(R3)
	VST1.P [V16.S4, V17.S4, V18.S4, V19.S4], 64(R3)
	VST1.P [V20.S4, V21.S4, V22.S4, V23.S4], 64(R3)
	VST1.P [V24.S4, V25.S4, V26.S4, V27.S4], 64(R3)
	VST1.P [V28.S4, V29.S4, V30.S4, V31.S4], 64(R3)
	RET

import { mount } from "../mount";

mount(() => import("./GraphiqlPage"));

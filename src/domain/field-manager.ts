/** The field manager of this service's own writes: whoever else wrote last is somebody else. */
export const FIELD_MANAGER = "apportion";
